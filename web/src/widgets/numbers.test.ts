import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseJson } from '../document/json'
import { acceptTyped, limitsOf, shareOf, stepped } from './numbers'
import { drawSeed, seedLimits } from './seeds'

const CFG = limitsOf({ min: 0, max: 100, step: 0.1 }, 'FLOAT')
const SIZE = limitsOf({ min: 16, max: 16384, step: 8 }, 'INT')

test('steps stay on the grid, within the limits, without the dust of fractions', () => {
  expect(stepped(0.1, 2, CFG)).toBe(0.3)
  expect(stepped(5, -1, CFG)).toBe(4.9)
  expect(stepped(100, 1, CFG)).toBe(100)
  expect(stepped(128, 1, SIZE)).toBe(136)
  expect(stepped(16, -3, SIZE)).toBe(16)
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 100, noNaN: true }),
      fc.integer({ min: -500, max: 500 }),
      (value, steps) => {
        const next = stepped(value, steps, CFG)
        expect(next).toBeGreaterThanOrEqual(0)
        expect(next).toBeLessThanOrEqual(100)
        expect(String(next).length).toBeLessThan(6)
      },
    ),
  )
})

test('steps of what takes multiples only are multiples', () => {
  const odd = limitsOf({ min: 10, max: 100, step: 1, multiple_of: 8 }, 'INT')
  expect([odd.min, odd.max, odd.step]).toEqual([16, 96, 8])
  expect(stepped(24, 1, odd)).toBe(32)
  expect(stepped(20, 1, odd)).toBe(32) // one that a file held
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 20_000 }), fc.integer({ min: -50, max: 50 }), (value, steps) => {
      const next = Number(
        stepped(value, steps, limitsOf({ min: 16, max: 16384, step: 8, multiple_of: 8 }, 'INT')),
      )
      expect(next % 8).toBe(0)
      expect(next >= 16 && next <= 16384).toBe(true)
    }),
  )
})

test('whole numbers beyond 2^53 are counted to the last digit', () => {
  const whole = limitsOf({ min: null, max: null, step: null }, 'INT')
  expect(stepped(9007199254740993n, 1, whole)).toBe(9007199254740994n)
})

interface Case {
  field: string
  typed: string
  value?: number | bigint
  refused?: string
  note?: string
}
const FILE = join(import.meta.dirname, '../../../tests/cases/typed-numbers.json')
const { fields, cases } = parseJson(readFileSync(FILE, 'utf8')) as unknown as {
  fields: Record<string, { type: string; min: number; max: number; step: number; multiple_of?: number }>
  cases: Case[]
}
const limitsOfField = (name: string) => {
  const field = fields[name]
  if (!field) throw new Error(`no field ${name}`)
  return field.type === 'SEED'
    ? seedLimits({ min: Number(field.min), max: Number(field.max) })
    : limitsOf(field, field.type)
}

test.each(cases.map((one): [string, Case] => [`${one.typed} as ${one.field}`, one]))('%s', (_, one) => {
  const found = acceptTyped(one.typed, limitsOfField(one.field))
  if (one.refused !== undefined) expect(found).toEqual({ wrong: expect.stringContaining(one.refused) })
  else
    expect(found).toEqual({
      value: one.value,
      ...(one.note !== undefined && { note: expect.stringContaining(one.note) }),
    })
})

test('nothing that was typed changes nothing', () => {
  for (const blank of ['', '  ', '\u00a0']) expect(acceptTyped(blank, SIZE)).toBeNull()
})

test('a number that a field shows is read as itself', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      const any = limitsOf({ min: null, max: null, step: null }, 'FLOAT')
      expect(acceptTyped(String(value), any)).toEqual({ value: value === 0 ? 0 : value })
    }),
  )
})

test('no text, however strange, takes long or gives what is no number', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[-+*/.,' 0-9ex]{0,140}$/), (text) => {
      const found = acceptTyped(text, limitsOf({ min: null, max: null, step: null }, 'FLOAT'))
      if (found && 'value' in found) expect(Number.isFinite(Number(found.value))).toBe(true)
    }),
  )
})

test('a share exists only between two limits', () => {
  expect(shareOf(25, CFG)).toBe(0.25)
  expect(shareOf(25, limitsOf({ min: 0, max: null, step: 1 }, 'INT'))).toBeNull()
})

test('seeds that are drawn are short', () => {
  for (let at = 0; at < 100; at++) expect(drawSeed()).toBeLessThan(2 ** 50)
})
