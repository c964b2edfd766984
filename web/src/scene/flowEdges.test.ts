import { describe, expect, test } from 'vitest'
import { type Body, emptyDoc, type Sub } from '../document/types'
import { deriveEdges, edgeEnd } from './flowEdges'
import { INPUTS, OUTPUTS } from './flowNodes'
import type { Shape, Socket } from './geometry'

const socket = (name: string, more: Partial<Socket> = {}): Socket => ({
  name,
  title: name,
  type: 'IMAGE',
  tooltip: '',
  y: 0,
  ...more,
})
const shape = (inputs: Socket[], outputs: Socket[]): Shape => ({
  width: 0,
  height: 0,
  rows: [],
  inputs,
  outputs,
  stretches: false,
})
const NONE = new Set<string>()

function body(): Body {
  const doc = emptyDoc()
  doc.nodes = {
    a: { type: 'T' },
    b: { type: 'T', inputs: { image: { from: ['a', 'IMAGE'] }, steps: 3 } },
    c: { type: 'T', inputs: { image: { from: ['a', 'GONE'] }, lost: { from: ['b', 'IMAGE'] } } },
  }
  doc.order = ['a', 'b', 'c']
  return doc
}
const shapes = (more: Partial<Socket> = {}) =>
  new Map(
    ['a', 'b', 'c'].map((id) => [
      id,
      shape([socket('image', id === 'c' ? { collects: true } : {})], [socket('IMAGE', more)]),
    ]),
  )

describe('edges', () => {
  test('are the wires whose both sockets are there', () => {
    const edges = [...deriveEdges(body(), shapes(), NONE, new Map()).values()]
    expect(edges.map(({ source, target }) => [source, target])).toEqual([['a', 'b']])
    expect(edgeEnd(edges[0]?.id ?? '')).toEqual(['b', 'image', undefined])
    expect(edges[0]).toMatchObject({ sourceHandle: 'IMAGE', targetHandle: 'image', selected: false })
  })

  test('stay the same objects unless type, selection or source changes', () => {
    const before = deriveEdges(body(), shapes(), NONE, new Map())
    const [[id, old]] = [...before] as [[string, object]]
    expect(deriveEdges(body(), shapes(), NONE, before).get(id)).toBe(old)
    expect(deriveEdges(body(), shapes({ type: 'MASK' }), NONE, before).get(id)?.data?.type).toBe('MASK')
    expect(deriveEdges(body(), shapes(), new Set([id]), before).get(id)?.selected).toBe(true)
    const stream = deriveEdges(body(), shapes({ each: true }), NONE, before)
    const collecting = shapes({ each: true })
    collecting.set('b', collecting.get('c') as Shape)
    expect(deriveEdges(body(), collecting, NONE, stream).get(id)?.data?.note).toBe('collects')
    const moved = body()
    moved.nodes.b = { type: 'T', inputs: { image: { from: ['c', 'IMAGE'] } } }
    expect(deriveEdges(moved, shapes(), NONE, before).get(id)?.source).toBe('c')
  })

  test('say of a stream whether its items run one by one or are collected', () => {
    const doc = body()
    doc.nodes.c = { type: 'T', inputs: { image: { from: ['a', 'IMAGE'] } } }
    const notes = [...deriveEdges(doc, shapes({ each: true }), NONE, new Map()).values()].map(
      ({ target, data }) => [target, data?.note],
    )
    expect(notes).toEqual([
      ['b', 'each'],
      ['c', 'collects'],
    ])
  })
})

test('an open sub-workflow has edges from and to its panels', () => {
  const sub: Sub = {
    ...body(),
    inputs: [
      {
        name: 'picture',
        to: [
          ['a', 'image'],
          ['b', 'image'],
        ],
      },
    ],
    outputs: [{ name: 'result', from: ['b', 'IMAGE'] }],
  }
  const all = shapes()
  all.set(INPUTS, shape([], [socket('picture')]))
  all.set(OUTPUTS, shape([socket('result')], []))
  const edges = [...deriveEdges(sub, all, NONE, new Map()).values()]
  const ends = edges.map(({ source, target }) => `${source} ${target}`)
  expect(ends).toEqual(['a b', `${INPUTS} a`, `${INPUTS} b`, `b ${OUTPUTS}`])
  expect(edgeEnd(edges[1]?.id ?? '')).toEqual(['a', 'image', 'picture'])
})
