/** The stylesheets: each lies beside the component that it styles, is short, and has no rule for what is nowhere. */
import { readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'

const SRC = join(import.meta.dirname, '..')
const read = (path: string) => readFileSync(path, 'utf8')
const within = (ending: RegExp) =>
  readdirSync(SRC, { recursive: true, encoding: 'utf8' })
    .filter((path) => ending.test(path))
    .sort()

const SHEETS = within(/\.css$/)
const OWN = SHEETS.filter((sheet) => dirname(sheet) !== 'theme')
const SOURCES = within(/\.tsx?$/).filter((path) => !path.includes('.test.'))
const TEXTS = new Map(SOURCES.map((path) => [path, read(join(SRC, path))]))
const ALL_TEXT = [...TEXTS.values(), read(join(SRC, '../index.html'))].join('\n')

/** Selectors of a sheet, without its comments, declarations, and names of media and animations. */
const selectorsOf = (sheet: string) =>
  read(join(SRC, sheet))
    .replace(/\/\*.*?\*\//gs, '')
    .replace(/\{[^{}]*\}/g, '{}')
    .match(/[^{}]+(?=\{)/g)
    ?.map((selector) => selector.trim())
    .filter((selector) => !selector.startsWith('@')) ?? []

const classesOf = (sheet: string) => [
  ...new Set(selectorsOf(sheet).flatMap((selector) => selector.match(/(?<=\.)[a-z][\w-]*/g) ?? [])),
]

/** The sheets that a source imports, in their order. */
const imported = (path: string) =>
  [...(TEXTS.get(path) ?? '').matchAll(/^import '(\.[^']*\.css)'$/gm)].map((found) =>
    join(dirname(path), found[1] as string),
  )

/** What React Flow sets on its own elements. */
const FOREIGN = /^react-flow|^(dragging|selection)$/
/** The first half of a class whose second half is a state, a form or a kind. */
const STATE = /^(is|run|aim|kind)-/

const occurs = (name: string) => new RegExp(`(?<![\\w-])${name}(?![\\w-])`).test(ALL_TEXT)

test.each(SHEETS)('%s has at most 300 lines', (sheet) => {
  expect(read(join(SRC, sheet)).split('\n').length).toBeLessThanOrEqual(300)
})

test.each(SHEETS)('each class of %s occurs in a source', (sheet) => {
  const unknown = classesOf(sheet).filter(
    (name) => !FOREIGN.test(name) && !occurs(name) && !(STATE.test(name) && occurs(name.replace(STATE, ''))),
  )
  expect(unknown).toEqual([])
})

test.each(OWN)('%s is imported by the component beside it', (sheet) => {
  const importers = SOURCES.filter((path) => imported(path).includes(sheet))
  expect(importers.every((path) => dirname(path) === dirname(sheet))).toBe(true)
  const component = basename(sheet, '.css')
  // a sheet in small letters is shared by several components of its folder
  if (/^[A-Z]/.test(component)) expect(importers.map((path) => basename(path, '.tsx'))).toEqual([component])
  else expect(importers.length).toBeGreaterThan(1)
})

describe('the order of the sheets', () => {
  test('puts a shared sheet before the own one, whose rules it must not override', () => {
    for (const path of SOURCES) {
      const sheets = imported(path).filter((sheet) => dirname(sheet) !== 'theme')
      const own = sheets.findIndex((sheet) => basename(sheet, '.css') === basename(path, '.tsx'))
      if (own >= 0) expect(own, path).toBe(sheets.length - 1)
    }
  })

  test('puts the sheet of a component after those of the components that it contains', () => {
    for (const [path, text] of TEXTS) {
      if (path === 'main.tsx') continue
      const [first] = text.matchAll(/^import '[^']*\.css'$/gm)
      if (first) expect(text.slice(first.index), path).not.toMatch(/^import\b.*\bfrom '/m)
    }
  })

  test('begins with React Flow, the tokens and the elements', () => {
    const sheets = [...(TEXTS.get('main.tsx') ?? '').matchAll(/^import '([^']*)'$/gm)].map(
      (found) => found[1],
    )
    expect(sheets).toEqual(['@xyflow/react/dist/base.css', './theme/tokens.css', './theme/base.css'])
    expect((TEXTS.get('main.tsx') ?? '').indexOf("theme/base.css'")).toBeLessThan(
      (TEXTS.get('main.tsx') ?? '').search(/^import\b.*\bfrom '\.\//m),
    )
  })
})
