/**
 * The size of a node and the places of its sockets, computed from its definition and values. Culling, the far view,
 * fitting and the DOM all use these numbers, so that nothing has to be measured on screen.
 */
import type { InputType, NodeType, Widget } from '../api/types'
import { MOST_SHOWN, shortened } from '../document/json'
import { type DocNode, isReference, type Point } from '../document/types'
import type { Carried } from '../subworkflows/generics'
import { type InstanceOutput, showsPictures } from '../subworkflows/instanceTypes'
import {
  HANDLE,
  HEADER,
  NEW_ROW,
  PAD,
  PICTURE,
  PORTS_WIDTH,
  SOCKET_ROW,
  WIDE,
  WIDGET_ROW,
  WIDTH,
} from './sizes'

export interface Socket {
  name: string
  title: string
  type: string
  tooltip: string
  y: number
  /** The output is a stream. */
  each?: boolean
  /** The input collects the items of a stream into a list. */
  collects?: boolean
  /** The input is computed only when the node requests it. */
  lazy?: boolean
}

export type Row =
  | { kind: 'sockets'; height: number; input: Socket | null; output: Socket | null }
  | { kind: 'widget'; height: number; input: InputType; wired: boolean; stretches: boolean }
  | { kind: 'unknown'; height: number; name: string; wired: boolean }
  | { kind: 'more'; height: number; count: number; open: boolean }
  | { kind: 'picture'; height: number }

export interface Shape {
  width: number
  height: number
  rows: Row[]
  inputs: Socket[]
  outputs: Socket[]
  /** Whether its height can be changed: it has a picture or a long text. */
  stretches: boolean
}

/** How the field of a widget is laid out. */
export interface FieldSize {
  height: number
  /** Whether its height can be changed. */
  stretches: boolean
}
/** Passed in, because the table of widgets lies on a higher floor. */
export type FieldSizes = (widget: Widget) => FieldSize

/** The rows of a node of an unknown type, from the document alone. */
function rowsOfUnknown(node: DocNode, extraOutputs: readonly string[]): Row[] {
  const inputs = Object.entries(node.inputs ?? {})
  const wired = inputs.filter(([, value]) => isReference(value)).map(([name]) => socket(name))
  const rows = pair(wired, extraOutputs.map(socket))
  for (const [name, value] of inputs) {
    if (!isReference(value)) rows.push({ kind: 'unknown', height: WIDGET_ROW, name, wired: false })
  }
  return rows
}

const socket = (name: string): Socket => ({
  name,
  title: shortened(name, MOST_SHOWN),
  type: '*',
  tooltip: '',
  y: 0,
})

function pair(inputs: Socket[], outputs: Socket[]): Row[] {
  return Array.from({ length: Math.max(inputs.length, outputs.length) }, (_, at) => ({
    kind: 'sockets',
    height: SOCKET_ROW,
    input: inputs[at] ?? null,
    output: outputs[at] ?? null,
  }))
}

/** One row with the name of the node that feeds it. */
const WIRED_FIELD: FieldSize = { height: WIDGET_ROW, stretches: false }

/** Inferred types of inputs and outputs, where the node type alone does not determine them. */
export interface Flows {
  input(name: string): string
  output(name: string): Carried
}

const flagsOf = ({ lazy, collects }: InputType) => ({
  ...(lazy && { lazy }),
  ...(collects && { collects }),
})

function rowsOf(
  node: DocNode,
  type: NodeType,
  fieldSizes: FieldSizes,
  extraOutputs: readonly string[],
  flows: Flows | undefined,
): Row[] {
  const wired = (name: string) => isReference(node.inputs?.[name])
  const known = new Set(type.inputs.map((input) => input.name))
  const lost = Object.keys(node.inputs ?? {}).filter((name) => !known.has(name))
  const links: Socket[] = type.inputs
    .filter((input) => !input.widget)
    .map((input) => ({
      name: input.name,
      title: input.title,
      type: (input.generic && flows?.input(input.name)) || input.type,
      tooltip: input.tooltip,
      y: 0,
      ...flagsOf(input),
    }))
  const outputs: Socket[] = type.outputs.map((out: InstanceOutput) => {
    const carried = flows?.output(out.name)
    const each = carried?.each ?? out.each
    return {
      name: out.name,
      title: shortened(out.title ?? out.name, MOST_SHOWN),
      type: carried?.type ?? out.type,
      tooltip: out.tooltip,
      y: 0,
      ...(each && { each }),
    }
  })
  const rows = pair([...links, ...lost.filter(wired).map(socket)], [...outputs, ...extraOutputs.map(socket)])
  const open = node.expanded === true
  let folded = 0
  for (const input of type.inputs) {
    if (!input.widget) continue
    const isWired = wired(input.name)
    if (input.advanced && !isWired) folded += 1
    if (input.advanced && !isWired && !open) continue
    const size = isWired ? WIRED_FIELD : fieldSizes(input.widget)
    rows.push({ kind: 'widget', ...size, input, wired: isWired })
  }
  if (folded) rows.push({ kind: 'more', height: SOCKET_ROW, count: folded, open })
  if (showsPictures(type)) rows.push({ kind: 'picture', height: PICTURE })
  return rows
}

const isFlexible = (row: Row) => row.kind === 'picture' || (row.kind === 'widget' && row.stretches)

/** The shape of a node. `extraOutputs` are outputs that wires refer to and the node type does not have. */
export function shapeOf(
  node: DocNode,
  type: NodeType | undefined,
  fieldSizes: FieldSizes,
  extraOutputs: readonly string[] = [],
  flows?: Flows,
): Shape {
  const rows = type ? rowsOf(node, type, fieldSizes, extraOutputs, flows) : rowsOfUnknown(node, extraOutputs)
  const flexible = rows.filter(isFlexible)
  const natural = HEADER + PAD + rows.reduce((sum, row) => sum + row.height, 0) + PAD
  const [wantedWidth, wantedHeight] = node.size ?? [0, 0]
  const width = Math.max(wantedWidth, flexible.length ? WIDE : WIDTH)
  const spare = flexible.length ? Math.max(0, wantedHeight - natural) : 0
  for (const row of flexible) row.height += spare / flexible.length

  const inputs: Socket[] = []
  const outputs: Socket[] = []
  let y = HEADER + PAD
  for (const row of rows) {
    if (row.kind === 'sockets') {
      if (row.input) inputs.push({ ...row.input, y: y + row.height / 2 })
      if (row.output) outputs.push({ ...row.output, y: y + row.height / 2 })
    } else if (row.kind === 'widget') {
      const { name, title, type: kind, tooltip } = row.input
      const at = y + Math.min(row.height, WIDGET_ROW) / 2
      inputs.push({ name, title, type: kind, tooltip, y: at, ...flagsOf(row.input) })
    }
    y += row.height
  }
  return { width, height: Math.round(natural + spare), rows, inputs, outputs, stretches: flexible.length > 0 }
}

/** Whether two shapes are drawn alike: typing into a field makes a new node of the document with an equal shape. */
export function isSameShape(one: Shape, other: Shape): boolean {
  const sockets = (a: Socket[], b: Socket[]) =>
    a.length === b.length &&
    a.every((at, n) => {
      const other = b[n]
      return (
        at.name === other?.name &&
        at.title === other.title &&
        at.y === other.y &&
        at.type === other.type &&
        at.each === other.each
      )
    })
  return (
    one.width === other.width &&
    one.height === other.height &&
    sockets(one.inputs, other.inputs) &&
    sockets(one.outputs, other.outputs) &&
    one.rows.length === other.rows.length &&
    one.rows.every((row, at) => isSameRow(row, other.rows[at]))
  )
}

function isSameRow(one: Row, other: Row | undefined): boolean {
  if (one.kind !== other?.kind || one.height !== other.height) return false
  if (one.kind === 'widget' && other.kind === 'widget')
    return one.input === other.input && one.wired === other.wired
  if (one.kind === 'unknown' && other.kind === 'unknown') return one.name === other.name
  return one.kind !== 'more' || (other.kind === 'more' && one.count === other.count)
}

/** Room for the sentence of a panel that has no row yet. */
const NOTE_ROW = 40

/** The panel of the inputs, or of the outputs, of an open sub-workflow: a row for each, and one for the next. */
export function shapeOfPorts(sockets: Omit<Socket, 'y'>[], side: 'inputs' | 'outputs'): Shape {
  const top = HEADER + PAD
  const placed = [...sockets, { name: NEW_PORT, title: '', type: '*', tooltip: '' }].map((socket, at) => ({
    ...socket,
    y: top + at * WIDGET_ROW + (at === sockets.length ? NEW_ROW : WIDGET_ROW) / 2,
  }))
  const height = top + sockets.length * WIDGET_ROW + NEW_ROW + PAD
  return {
    width: PORTS_WIDTH,
    height: sockets.length ? height : height + NOTE_ROW,
    rows: [],
    inputs: side === 'outputs' ? placed : [],
    outputs: side === 'inputs' ? placed : [],
    stretches: false,
  }
}

/** The name of the socket that adds an input or output to a sub-workflow. */
export const NEW_PORT = '+'

export const handleBox = (at: Socket, x: number) => ({
  id: at.name,
  x: x - HANDLE / 2,
  y: at.y - HANDLE / 2,
  width: HANDLE,
  height: HANDLE,
})

/** The Bézier curve of a wire, for the DOM and for the canvas. */
export function wireCurve(
  [sx, sy]: Point,
  [tx, ty]: Point,
): [number, number, number, number, number, number, number, number] {
  const reach = Math.max(36, Math.min(220, Math.abs(tx - sx) / 2 + Math.abs(ty - sy) / 8))
  return [sx, sy, sx + reach, sy, tx - reach, ty, tx, ty]
}

export interface Box {
  x: number
  y: number
  width: number
  height: number
}

export function boundsOf(boxes: Iterable<Box>): Box | null {
  let left = Number.POSITIVE_INFINITY
  let top = left
  let right = -left
  let bottom = -left
  for (const box of boxes) {
    left = Math.min(left, box.x)
    top = Math.min(top, box.y)
    right = Math.max(right, box.x + box.width)
    bottom = Math.max(bottom, box.y + box.height)
  }
  return right < left ? null : { x: left, y: top, width: right - left, height: bottom - top }
}
