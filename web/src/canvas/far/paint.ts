/** Paints the whole graph on one canvas: boxes, titles and wires, one path per colour. Changes nothing but the context. */
import { dyeOfType } from '../../scene/colours'
import type { WireEdge } from '../../scene/flowEdges'
import { type Shape, wireCurve } from '../../scene/geometry'
import { HEADER } from '../../scene/sizes'

export interface FarNode {
  x: number
  y: number
  shape: Shape
  title: string
  dye: string
  selected: boolean
  state: string
  dim: boolean
}

export interface Palette {
  node: string
  border: string
  text: string
  accent: string
  bad: string
  running: string
  font: string
  dyes: Record<string, string>
}

export interface Scene {
  nodes: ReadonlyMap<string, FarNode>
  edges: readonly WireEdge[]
  palette: Palette
}

const TITLES_FROM = 0.1

export function paint(
  ctx: CanvasRenderingContext2D,
  scene: Scene,
  view: { x: number; y: number; zoom: number; width: number; height: number },
): void {
  const { nodes, edges, palette } = scene
  const { x, y, zoom } = view
  const left = -x / zoom
  const top = -y / zoom
  const right = left + view.width / zoom
  const bottom = top + view.height / zoom
  const inSight: FarNode[] = []
  for (const node of nodes.values()) {
    if (
      node.x < right &&
      node.y < bottom &&
      node.x + node.shape.width > left &&
      node.y + node.shape.height > top
    ) {
      inSight.push(node)
    }
  }
  wires(ctx, nodes, edges, palette, zoom, [left, top, right, bottom])
  boxes(ctx, inSight, palette, zoom)
  if (zoom > TITLES_FROM) titles(ctx, inSight, palette, zoom)
}

function wires(
  ctx: CanvasRenderingContext2D,
  nodes: ReadonlyMap<string, FarNode>,
  edges: readonly WireEdge[],
  palette: Palette,
  zoom: number,
  [left, top, right, bottom]: [number, number, number, number],
): void {
  const paths = new Map<string, Path2D>()
  for (const edge of edges) {
    const from = nodes.get(edge.source)
    const to = nodes.get(edge.target)
    if (!from || !to) continue
    const sx = from.x + from.shape.width
    if (Math.max(sx, to.x) < left || Math.min(sx, to.x) > right) continue
    if (Math.max(from.y + from.shape.height, to.y + to.shape.height) < top || Math.min(from.y, to.y) > bottom)
      continue
    const out = from.shape.outputs.find((socket) => socket.name === edge.sourceHandle)
    const into = to.shape.inputs.find((socket) => socket.name === edge.targetHandle)
    if (!out || !into) continue
    const dye = dyeOfType(out.type)
    let path = paths.get(dye)
    if (!path) {
      path = new Path2D()
      paths.set(dye, path)
    }
    const [x1, y1, ax, ay, bx, by, x2, y2] = wireCurve([sx, from.y + out.y], [to.x, to.y + into.y])
    path.moveTo(x1, y1)
    path.bezierCurveTo(ax, ay, bx, by, x2, y2)
  }
  ctx.lineWidth = Math.max(2, 1.1 / zoom)
  for (const [dye, path] of paths) {
    ctx.strokeStyle = palette.dyes[dye] ?? palette.border
    ctx.stroke(path)
  }
}

/** All rectangles that share a fill, in one path. */
function fill(
  ctx: CanvasRenderingContext2D,
  style: string,
  rects: Iterable<[number, number, number, number]>,
): void {
  ctx.fillStyle = style
  ctx.beginPath()
  for (const rect of rects) ctx.rect(...rect)
  ctx.fill()
}

function boxes(ctx: CanvasRenderingContext2D, nodes: FarNode[], palette: Palette, zoom: number): void {
  const rim = Math.max(1, 1 / zoom)
  const grown = (node: FarNode, by: number): [number, number, number, number] => [
    node.x - by,
    node.y - by,
    node.shape.width + 2 * by,
    node.shape.height + 2 * by,
  ]
  fill(
    ctx,
    palette.border,
    nodes.map((node) => grown(node, rim)),
  )
  const rims: [string, (node: FarNode) => boolean][] = [
    [palette.running, (node) => node.state === 'running'],
    [palette.bad, (node) => node.state === 'failed'],
    [palette.accent, (node) => node.selected],
  ]
  for (const [style, test] of rims) {
    const rimmed = nodes.filter(test)
    if (rimmed.length)
      fill(
        ctx,
        style,
        rimmed.map((node) => grown(node, 3 * rim)),
      )
  }
  fill(
    ctx,
    palette.node,
    nodes.map((node) => grown(node, 0)),
  )
  for (const dye of new Set(nodes.map((node) => node.dye))) {
    const group = nodes.filter((node) => node.dye === dye && !node.dim)
    fill(
      ctx,
      palette.dyes[dye] ?? palette.border,
      group.map((node) => [node.x, node.y, node.shape.width, HEADER]),
    )
  }
}

function titles(ctx: CanvasRenderingContext2D, nodes: FarNode[], palette: Palette, zoom: number): void {
  const size = Math.min(44, 12 / zoom)
  ctx.font = `600 ${size}px ${palette.font}`
  ctx.fillStyle = palette.text
  ctx.textBaseline = 'middle'
  for (const node of nodes) {
    const room = node.shape.width - 24
    const y = node.y + Math.min(HEADER + size, node.shape.height / 2 + HEADER / 2)
    const letters = Math.max(3, Math.floor(room / (size * 0.56)))
    const text = node.title.length > letters ? `${node.title.slice(0, letters - 1)}…` : node.title
    ctx.fillText(text, node.x + 12, y, room)
  }
}
