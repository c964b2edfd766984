import { expect, test } from 'vitest'
import { adoptSubs, renameUses } from './adopt'
import { type Doc, type DocNode, emptyDoc, type Sub } from './types'

const sub = (...types: string[]): Sub => ({
  nodes: Object.fromEntries(types.map((type, at) => [String(at + 1), { type }])),
  order: types.map((_, at) => String(at + 1)),
  rest: {},
  inputs: [],
  outputs: [],
})
const docWith = (subs: Record<string, Sub>): Doc => ({ ...emptyDoc(), subs })

test('a definition that is new comes under its own id', () => {
  const doc = docWith({})
  expect(adoptSubs(doc, { part: sub('A') }).size).toBe(0)
  expect(doc.subs).toEqual({ part: sub('A') })
})

test('the same definition is used again', () => {
  const doc = docWith({ part: sub('A') })
  expect(adoptSubs(doc, { part: sub('A') }).size).toBe(0)
  expect(Object.keys(doc.subs)).toEqual(['part'])
})

test('another definition of the same id comes under another id, once however often it is taken over', () => {
  const doc = docWith({ part: sub('A') })
  const [to] = adoptSubs(doc, { part: sub('B') }).values()
  expect(to).not.toBe('part')
  expect(doc.subs).toEqual({ part: sub('A'), [to as string]: sub('B') })
  expect(adoptSubs(doc, { part: sub('B') }).get('part')).toBe(to)
  expect(Object.keys(doc.subs)).toHaveLength(2)
})

test('what holds a renamed definition is renamed with it, and names it by its new id', () => {
  const doc = docWith({ inner: sub('A'), outer: sub('@inner') })
  const renamed = adoptSubs(doc, { inner: sub('B'), outer: sub('@inner') })
  const [inner, outer] = [renamed.get('inner') as string, renamed.get('outer') as string]
  expect(doc.subs[outer]?.nodes['1']?.type).toBe(`@${inner}`)
  expect(doc.subs.outer?.nodes['1']?.type).toBe('@inner')
})

test('uses by type and by the inputs that name a definition follow', () => {
  const nodes: DocNode[] = [
    { type: '@part' },
    { type: 'While', inputs: { body: 'part', other: 'part' } },
    { type: '@else' },
  ]
  renameUses(nodes, new Map([['part', 'part2']]), (type) => (type === 'While' ? ['body'] : []))
  expect(nodes).toEqual([
    { type: '@part2' },
    { type: 'While', inputs: { body: 'part2', other: 'part' } },
    { type: '@else' },
  ])
})
