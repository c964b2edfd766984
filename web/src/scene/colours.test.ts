import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { dye, dyeOfCategory, dyeOfType, formOfType } from './colours'

const TOKENS = readFileSync(join(import.meta.dirname, '../theme/tokens.css'), 'utf8')
const defined = (name: string) => TOKENS.includes(`--dye-${name}:`)

test('a union looks like its first member', () => {
  expect([dyeOfType('MASK,IMAGE'), formOfType('MASK,IMAGE')]).toEqual([dyeOfType('MASK'), formOfType('MASK')])
})

test('a type of a pack has a dye that is always the same, and a round socket', () => {
  expect(dyeOfType('DEPTH_MAP')).toBe(dyeOfType('DEPTH_MAP'))
  expect(formOfType('DEPTH_MAP')).toBe('round')
  const dyes = new Set(Array.from({ length: 60 }, (_, at) => dyeOfType(`TYPE_${at}`)))
  expect(dyes.size).toBeGreaterThan(4)
})

test('a category has the dye of its first part', () => {
  expect(dyeOfCategory('image/filters')).toBe(dyeOfCategory('image'))
  expect(dyeOfCategory('')).toBe('ash')
})

test('every dye that is used is defined for every theme', () => {
  const types = [
    'MODEL',
    'CLIP',
    'VAE',
    'CONDITIONING',
    'LATENT',
    'IMAGE',
    'MASK',
    'INT',
    'STRING',
    'BODY',
    '*',
  ]
  const packs = Array.from({ length: 200 }, (_, at) => `TYPE_${at}`)
  const names = [...types, ...packs].map(dyeOfType)
  expect(names.filter((name) => !defined(name))).toEqual([])
  for (const name of new Set(names)) expect(TOKENS.split(`--dye-${name}:`), name).toHaveLength(4)
  expect(dye('woad')).toBe('var(--dye-woad)')
})
