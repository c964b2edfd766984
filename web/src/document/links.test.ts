import { describe, expect, test } from 'vitest'
import { downstream, isUpstream, linksInto } from './links'
import { type Doc, emptyDoc } from './types'

/** A document from its wires: `a->b` lets the input `a` of node `b` read node `a`. */
function wired(...wires: string[]): Doc {
  const doc = emptyDoc()
  for (const [from, to] of wires.map((wire) => wire.split('->') as [string, string]))
    for (const id of [from, to]) {
      doc.nodes[id] ??= { type: 'T', inputs: { plain: 3 } }
      if (!doc.order.includes(id)) doc.order.push(id)
      if (id === to) Object.assign(doc.nodes[id]?.inputs ?? {}, { [from]: { from: [from, 'out'] } })
    }
  return doc
}

test('the links into a node are its inputs that are wired', () => {
  const doc = wired('a->c', 'b->c')
  expect([...linksInto(doc, 'c')]).toEqual([
    { from: 'a', output: 'out', to: 'c', input: 'a' },
    { from: 'b', output: 'out', to: 'c', input: 'b' },
  ])
  expect([...linksInto(doc, 'gone')]).toEqual([])
})

describe('nodes upstream', () => {
  test.each([
    ['d', 'a', true],
    ['a', 'd', false],
    ['b', 'c', false],
    ['a', 'a', true],
  ])('from %s, %s is reached: %s', (start, target, expected) => {
    expect(isUpstream(wired('a->b', 'a->c', 'b->d', 'c->d'), start, target)).toBe(expected)
  })

  test('are found in a circle, too', () => {
    expect(isUpstream(wired('a->b', 'b->a'), 'a', 'c')).toBe(false)
  })
})

describe('nodes downstream', () => {
  test('are all that read the starts over any number of wires, without the starts', () => {
    const doc = wired('a->b', 'b->c', 'x->c', 'x->y')
    expect([...downstream(doc, ['a'])].sort()).toEqual(['b', 'c'])
    expect([...downstream(doc, ['b', 'x'])].sort()).toEqual(['c', 'y'])
  })

  test('hold a start that another start feeds, and end in a circle', () => {
    expect([...downstream(wired('a->b'), ['a', 'b'])]).toEqual(['b'])
    expect([...downstream(wired('a->b', 'b->a'), ['a'])].sort()).toEqual(['a', 'b'])
  })
})
