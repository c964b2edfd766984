import { describe, expect, test } from 'vitest'
import { inputType, nodeType, outputType } from '../catalogue/toys'
import type { DocNode } from '../document/types'
import { boundsOf, type FieldSizes, shapeOf } from './geometry'
import { HEADER, PAD, SOCKET_ROW, TEXT_AREA, WIDGET_ROW } from './sizes'

const number = { kind: 'number', min: 0, max: 10, step: 1 } as const
const text = { kind: 'text', multiline: true, placeholder: '' } as const

const sizes: FieldSizes = ({ kind }) => ({
  height: kind === 'text' ? TEXT_AREA : WIDGET_ROW,
  stretches: kind === 'text',
})

const TYPE = nodeType(
  'T',
  [
    inputType('steps', { type: 'INT', widget: number }),
    inputType('model', { type: 'MODEL' }),
    inputType('clip', { type: 'CLIP' }),
    inputType('secret', { type: 'INT', widget: number, advanced: true }),
  ],
  [outputType('LATENT', 'LATENT')],
)
const node = (more: Partial<DocNode> = {}): DocNode => ({ type: 'T', ...more })

describe('the shape of a node', () => {
  test('is the sum of its rows; sockets sit in the middle of theirs', () => {
    const shape = shapeOf(node(), TYPE, sizes)
    expect(shape.height).toBe(HEADER + 2 * PAD + 2 * SOCKET_ROW + WIDGET_ROW + SOCKET_ROW)
    expect(shape.inputs.map((socket) => [socket.name, socket.y])).toEqual([
      ['model', HEADER + PAD + SOCKET_ROW / 2],
      ['clip', HEADER + PAD + SOCKET_ROW * 1.5],
      ['steps', HEADER + PAD + SOCKET_ROW * 2 + WIDGET_ROW / 2],
    ])
    expect(shape.outputs[0]?.y).toBe(HEADER + PAD + SOCKET_ROW / 2)
  })

  test('folds advanced inputs away unless they are wired or asked for', () => {
    const names = (more: Partial<DocNode>) =>
      shapeOf(node(more), TYPE, sizes).inputs.map((socket) => socket.name)
    expect(names({})).not.toContain('secret')
    expect(names({ expanded: true })).toContain('secret')
    expect(names({ inputs: { secret: { from: ['1', 'INT'] } } })).toContain('secret')
  })

  test('gives room that a person added to what can use it', () => {
    const long = { ...TYPE, inputs: [inputType('text', { type: 'STRING', widget: text })] }
    const small = shapeOf(node(), long, sizes)
    expect(small.rows.at(-1)?.height).toBe(TEXT_AREA)
    const large = shapeOf(node({ size: [500, small.height + 100] }), long, sizes)
    expect([large.width, large.height]).toEqual([500, small.height + 100])
    expect(large.rows.at(-1)?.height).toBe(TEXT_AREA + 100)
    expect(shapeOf(node({ size: [10, 900] }), TYPE, sizes).height).toBeLessThan(300)
  })

  test('is drawn from the document alone when the type is unknown', () => {
    const shape = shapeOf(
      node({ inputs: { image: { from: ['1', 'IMAGE'] }, strength: 3 } }),
      undefined,
      sizes,
      ['OUT'],
    )
    expect(shape.inputs.map((socket) => socket.name)).toEqual(['image'])
    expect(shape.outputs.map((socket) => socket.name)).toEqual(['OUT'])
    expect(shape.rows.map((row) => row.kind)).toEqual(['sockets', 'unknown'])
  })
})

test('bounds hold all boxes; there are none of nothing', () => {
  expect(boundsOf([])).toBeNull()
  expect(
    boundsOf([
      { x: 0, y: 5, width: 10, height: 10 },
      { x: -5, y: 0, width: 1, height: 1 },
    ]),
  ).toEqual({
    x: -5,
    y: 0,
    width: 15,
    height: 15,
  })
})
