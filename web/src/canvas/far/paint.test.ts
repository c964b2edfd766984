import { describe, expect, test } from 'vitest'
import type { WireEdge } from '../../scene/flowEdges'
import { HEADER } from '../../scene/sizes'
import { type FarNode, paint, type Scene } from './paint'

const PALETTE = {
  node: 'node',
  border: 'border',
  text: 'text',
  accent: 'accent',
  bad: 'bad',
  running: 'running',
  font: 'Font',
  dyes: { woad: 'woad', moss: 'moss' },
}
const SOCKET = { name: 'IMAGE', title: '', type: 'IMAGE', tooltip: '', y: 60 }

const node = (x: number, more: Partial<FarNode> = {}): FarNode => ({
  x,
  y: 0,
  shape: { width: 200, height: 100, rows: [], inputs: [SOCKET], outputs: [SOCKET], stretches: false },
  title: `at ${x}`,
  dye: 'woad',
  selected: false,
  state: 'idle',
  dim: false,
  ...more,
})
const wire = (source: string, target: string) =>
  ({ source, target, sourceHandle: 'IMAGE', targetHandle: 'IMAGE' }) as WireEdge

/** What a context was asked to draw: filled rectangles by colour, strokes, texts. */
function drawn(
  nodes: Record<string, FarNode>,
  edges: WireEdge[] = [],
  view: Partial<Parameters<typeof paint>[2]> = {},
) {
  const fills: [string, number[][]][] = []
  const strokes: [string, number[][]][] = []
  const texts: string[] = []
  let rects: number[][] = []
  const ctx = {
    fillStyle: '',
    strokeStyle: '',
    beginPath: () => {
      rects = []
    },
    rect: (...rect: number[]) => rects.push(rect),
    fill: () => fills.push([ctx.fillStyle, rects]),
    stroke: (path: FakePath) => strokes.push([ctx.strokeStyle, path.curves]),
    fillText: (text: string) => texts.push(text),
  }
  const scene: Scene = { nodes: new Map(Object.entries(nodes)), edges, palette: PALETTE }
  paint(ctx as unknown as CanvasRenderingContext2D, scene, {
    x: 0,
    y: 0,
    zoom: 1,
    width: 1000,
    height: 800,
    ...view,
  })
  return { fills: Object.fromEntries(fills), strokes: Object.fromEntries(strokes), texts }
}

class FakePath {
  readonly curves: number[][] = []
  moveTo(...at: number[]) {
    this.curves.push(at)
  }
  bezierCurveTo(...at: number[]) {
    this.curves.at(-1)?.push(...at.slice(-2))
  }
}
globalThis.Path2D = FakePath as unknown as typeof Path2D

describe('from afar', () => {
  test('only nodes in sight are painted', () => {
    const { fills, texts } = drawn({ in: node(0), edge: node(-150), out: node(-250), far: node(1001) })
    expect(fills.node?.map(([x]) => x)).toEqual([0, -150])
    expect(texts).toEqual(['at 0', 'at -150'])
  })

  test('what is in sight follows the viewport', () => {
    const moved = drawn({ a: node(0), b: node(2000) }, [], { x: -900, zoom: 0.5 })
    expect(moved.fills.node?.map(([x]) => x)).toEqual([2000])
  })

  test('a header is as high as that of a node, in the dye of its category; a dimmed one has none', () => {
    const { fills } = drawn({ a: node(0), b: node(300, { dye: 'moss' }), c: node(600, { dim: true }) })
    expect(fills.woad).toEqual([[0, 0, 200, HEADER]])
    expect(fills.moss).toEqual([[300, 0, 200, HEADER]])
  })

  test('states and the selection have a rim', () => {
    const { fills } = drawn({
      a: node(0, { state: 'running' }),
      b: node(300, { state: 'failed' }),
      c: node(600, { selected: true }),
    })
    expect(fills.running).toEqual([[-3, -3, 206, 106]])
    expect(fills.bad?.map(([x]) => x)).toEqual([297])
    expect(fills.accent?.map(([x]) => x)).toEqual([597])
    expect(drawn({ a: node(0) }).fills).not.toHaveProperty('running')
  })

  test('a wire leads from socket to socket, also between nodes out of sight when it passes', () => {
    const { strokes } = drawn({ a: node(-500), b: node(1500) }, [wire('a', 'b'), wire('a', 'gone')])
    expect(strokes.woad).toEqual([[-300, 60, 1500, 60]])
    expect(drawn({ a: node(-900), b: node(-500) }, [wire('a', 'b')]).strokes).toEqual({})
  })

  test('titles are cut to the width of their node, and left out from very far', () => {
    const [text] = drawn({ a: node(0, { title: 'a'.repeat(200) }) }).texts
    expect(text).toMatch(/^a{10,30}…$/)
    expect(drawn({ a: node(0) }, [], { zoom: 0.09 }).texts).toEqual([])
  })
})
