import { describe, expect, test } from 'vitest'
import {
  addNode,
  connect,
  disconnect,
  fragmentOf,
  freeId,
  insertFragment,
  literal,
  moveNodes,
  removeNodes,
  setInput,
  setMode,
  writeSeeds,
} from './edits'
import { type Doc, emptyDoc, type Sub } from './types'

/** `1` feeds `2`, which feeds `3`. */
function chain(): Doc {
  const doc = emptyDoc()
  for (const id of ['1', '2', '3']) addNode(doc, { type: 'T', position: [Number(id) * 100, 0] }, id)
  connect(doc, '1', 'out', '2', 'in')
  connect(doc, '2', 'out', '3', 'in')
  return doc
}

test('a free id lies above all numbers, whatever else nodes are called', () => {
  expect(freeId(emptyDoc())).toBe('1')
  expect(freeId({ nodes: { 7: {}, 3: {}, mine: {}, '1e3': {}, '9007199254740993': {} } })).toBe('1001')
})

test('removed nodes take the wires that read them along, and no others', () => {
  const doc = chain()
  removeNodes(doc, ['2'])
  expect(doc.order).toEqual(['1', '3'])
  expect(doc.nodes['3']?.inputs).toEqual({})
  const other = chain()
  removeNodes(other, ['3'])
  expect(other.nodes['2']?.inputs).toEqual({ in: { from: ['1', 'out'] } })
})

test('a wire is taken off, and a value that was typed is not', () => {
  const doc = chain()
  disconnect(doc, '2', 'in')
  expect(doc.nodes['2']?.inputs).toEqual({})
  setInput(doc, '3', 'steps', 4)
  disconnect(doc, '3', 'steps')
  expect(doc.nodes['3']?.inputs?.steps).toBe(4)
})

test('objects are wrapped, so that none is taken for a reference', () => {
  expect(literal({ from: ['1', 'out'] })).toEqual({ value: { from: ['1', 'out'] } })
  expect([literal([1]), literal(null), literal('a')]).toEqual([[1], null, 'a'])
})

test('places are whole numbers, and those of nodes that are gone are ignored', () => {
  const doc = chain()
  moveNodes(doc, { 1: [10.4, -3.6], gone: [0, 0] })
  expect(doc.nodes['1']?.position).toEqual([10, -4])
  expect(doc.nodes.gone).toBeUndefined()
})

test('an active node has no mode in the file', () => {
  const doc = chain()
  setMode(doc, ['1'], 'muted')
  expect(doc.nodes['1']?.mode).toBe('muted')
  setMode(doc, ['1', 'gone'], 'active')
  expect(doc.nodes['1']).not.toHaveProperty('mode')
})

describe('seeds that a run drew', () => {
  const inner: Sub = { nodes: { 3: { type: 'T' } }, order: ['3'], rest: {}, inputs: [], outputs: [] }
  const nested = (): Doc => ({
    ...emptyDoc(),
    nodes: { 1: { type: 'T' }, 7: { type: '@part' } },
    order: ['1', '7'],
    subs: { part: structuredClone(inner) },
  })

  test.each(['7/3.seed', '@part/3.seed'])('%s is written inside the definition', (place) => {
    const doc = nested()
    writeSeeds(doc, { [place]: 9, '1.seed': 5 })
    expect(doc.subs.part?.nodes['3']?.inputs).toEqual({ seed: 9 })
    expect(doc.nodes['1']?.inputs).toEqual({ seed: 5 })
  })

  test('replace no wire, and paths that lead nowhere change nothing', () => {
    const doc = chain()
    writeSeeds(doc, { '2.in': 4, '9/3.seed': 1, 'gone.seed': 2 })
    expect(doc).toEqual(chain())
  })

  test('keep a point in the id of a node', () => {
    const doc = emptyDoc()
    addNode(doc, { type: 'T' }, 'a.b')
    writeSeeds(doc, { 'a.b.seed': 6 })
    expect(doc.nodes['a.b']?.inputs).toEqual({ seed: 6 })
  })
})

describe('a fragment', () => {
  test('holds the nodes that were asked for in the order of the document', () => {
    expect(fragmentOf(chain(), new Set(['3', '1'])).order).toEqual(['1', '3'])
  })

  test('comes under new ids, moved, with its own wires and without those to nodes outside', () => {
    const doc = chain()
    const ids = insertFragment(doc, fragmentOf(doc, new Set(['2', '3'])), [10, 20])
    expect(ids).toEqual(['4', '5'])
    expect(doc.nodes['4']).toEqual({ type: 'T', position: [210, 20], inputs: {} })
    expect(doc.nodes['5']?.inputs).toEqual({ in: { from: ['4', 'out'] } })
    expect(doc.nodes['2']).toEqual(chain().nodes['2'])
  })

  test('keeps wires to nodes outside that may be kept', () => {
    const doc = chain()
    insertFragment(doc, fragmentOf(doc, new Set(['2'])), [0, 0], new Set(['1']))
    expect(doc.nodes['4']?.inputs).toEqual({ in: { from: ['1', 'out'] } })
  })
})
