/** Geometry and stylesheets have their common sizes from one place. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import * as sizes from './sizes'

const SRC = join(import.meta.dirname, '..')
const sheetsOf = (folder: string) =>
  readdirSync(join(SRC, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.css'))
    .map((path) => join(folder, path))

const SHEETS = ['canvas', 'widgets'].flatMap(sheetsOf)
const textOf = (sheet: string) => readFileSync(join(SRC, sheet), 'utf8').replace(/\/\*.*?\*\//gs, '')

const { HANDLE, SIZE_VARIABLES } = sizes
const SHARED: number[] = Object.values(sizes).filter((value) => typeof value === 'number')
/** Properties by which an element takes up room or has its place. */
const LAYOUT =
  /(?<![\w-])((?:min-|max-)?(?:height|width)|grid-template(?:-rows)?|top|bottom|line-height): ([^;]+);/g

test.each(SHEETS)('%s repeats no size that geometry computes with', (sheet) => {
  const repeated = [...textOf(sheet).matchAll(LAYOUT)].filter(([, , value]) =>
    [...(value as string).matchAll(/(\d+(?:\.\d+)?)px/g)].some(([, number]) => {
      // the knob of a switch is as large as a socket and has nothing to do with it
      if (Number(number) === HANDLE) return sheet.startsWith('canvas')
      return SHARED.includes(Number(number))
    }),
  )
  expect(repeated.map(([line]) => line)).toEqual([])
})

test('stylesheets use the sizes that the canvas sets, and all of them', () => {
  const used = SHEETS.flatMap((sheet) => textOf(sheet).match(/--size-[\w-]+/g) ?? [])
  expect([...new Set(used)].sort()).toEqual(Object.keys(SIZE_VARIABLES).sort())
})

test('only what lies on the canvas uses them', () => {
  const folders = readdirSync(SRC, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  const others = folders.map(({ name }) => name).filter((name) => name !== 'canvas' && name !== 'widgets')
  expect(others.flatMap(sheetsOf).filter((sheet) => textOf(sheet).includes('--size-'))).toEqual([])
})
