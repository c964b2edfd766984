/**
 * The nodes of the document, and the panels of an open sub-workflow, as nodes of React Flow. A node stays the same object
 * while nothing about it changes, and its data hold the id alone, so that an edit renders one node.
 */
import { type Node, Position } from '@xyflow/react'
import type { NodeType } from '../api/types'
import { MOST_SHOWN, shortened } from '../document/json'
import { isSub, type Path } from '../document/subworkflows'
import { type Body, type DocNode, isReference, type NodeId, type Point, type Sub } from '../document/types'
import type { Carrier } from '../subworkflows/typeInference'
import {
  type FieldSizes,
  type Flows,
  handleBox,
  isSameShape,
  type Shape,
  type Socket,
  shapeOf,
  shapeOfPorts,
} from './geometry'
import { PORTS_WIDTH } from './sizes'

/** The two panels of an open sub-workflow. No node of a file has a slash in its id. */
export const INPUTS = '/inputs'
export const OUTPUTS = '/outputs'
export const isPanel = (id: NodeId) => id === INPUTS || id === OUTPUTS

export type OpNode = Node<{ id: NodeId }, 'op' | 'ports'>

/** A node with the data from which it was made. */
export interface Entry {
  source: DocNode | Sub
  type: NodeType | undefined
  /** Everything else that its shape depends on, as text. */
  key: string
  shape: Shape
  node: OpNode
  position: Point
  selected: boolean
}

export interface Shown {
  body: Body
  path: Path
  selected: ReadonlySet<NodeId>
  /** Positions of nodes that are being dragged. */
  moving: Readonly<Record<NodeId, Point>>
  typeFor(name: string): NodeType | undefined
  carrier: Carrier
  fieldSizes: FieldSizes
}

const NONE: readonly string[] = []
const PANEL_GAP = 96

/** The title of a node as it is shown, shortened. To edit it, use the whole title. */
export const titleOf = (node: DocNode, type: NodeType | undefined) =>
  shortened(node.title || type?.title || node.type, MOST_SHOWN)

/** All nodes to show, in their order; `before` are the nodes shown so far. */
export function deriveNodes(shown: Shown, before: ReadonlyMap<NodeId, Entry>): Map<NodeId, Entry> {
  const { body, path, selected, moving, typeFor, carrier, fieldSizes } = shown
  const entries = new Map<NodeId, Entry>()
  const place = (id: NodeId, wanted: Wanted) =>
    entries.set(id, entryOf(id, wanted, selected.has(id), before.get(id)))

  const extra = findExtraOutputs(body, typeFor)
  const streams = Object.values(body.nodes).some((node) =>
    typeFor(node.type)?.outputs.some((out) => out.each),
  )
  body.order.forEach((id, at) => {
    const source = body.nodes[id]
    if (!source) return
    const type = typeFor(source.type)
    const outputs = extra.get(id) ?? NONE
    const isOpen = streams || source.mode === 'bypassed' || type?.inputs.some((input) => input.generic)
    const open = type !== undefined && isOpen
    const flows = open && {
      input: (name: string) => inflow(source, type, name, carrier),
      output: (name: string) => carrier(id, name),
    }
    place(id, {
      source,
      type,
      key: flows ? flowKey(type, flows, outputs) : outputs.join('\n'),
      position: moving[id] ?? source.position ?? [40 + (at % 6) * 340, 40 + Math.floor(at / 6) * 420],
      label: titleOf(source, type),
      shape: () => shapeOf(source, type, fieldSizes, outputs, flows || undefined),
    })
  })

  if (isSub(body)) {
    const [left, right] = besides(body, entries, moving)
    const type = typeFor(`@${path.at(-1)?.sub}`)
    const both = { source: body, type, key: JSON.stringify([body.inputs, body.outputs]) }
    place(INPUTS, {
      ...both,
      position: left,
      label: 'Inputs of the sub-workflow',
      shape: () => shapeOfPorts(portsIn(body, type), 'inputs'),
    })
    place(OUTPUTS, {
      ...both,
      position: right,
      label: 'Outputs of the sub-workflow',
      shape: () => shapeOfPorts(portsOut(body, type), 'outputs'),
    })
  }
  return entries
}

type Wanted = Pick<Entry, 'source' | 'type' | 'key' | 'position'> & { label: string; shape(): Shape }

/** The entry of a node; reuses the shape and the node of `old` where they are equal. */
function entryOf(id: NodeId, wanted: Wanted, selected: boolean, old: Entry | undefined): Entry {
  const { source, type, key, position, label } = wanted
  const fromSame = old?.source === source && old.type === type && old.key === key
  const made = fromSame ? old.shape : wanted.shape()
  const sameShape =
    fromSame || (old?.type === type && old?.shape !== undefined && isSameShape(old.shape, made))
  const shape = sameShape && old ? old.shape : made
  const same =
    sameShape &&
    old?.node.ariaLabel === label &&
    old.selected === selected &&
    old.position[0] === position[0] &&
    old.position[1] === position[1]
  const node = same ? old.node : flowNode(id, shape, position, selected, label)
  return { source, type, key, shape, node, position, selected }
}

function flowNode(id: NodeId, shape: Shape, [x, y]: Point, selected: boolean, label: string): OpNode {
  return {
    id,
    type: isPanel(id) ? 'ports' : 'op',
    position: { x, y },
    data: { id },
    width: shape.width,
    height: shape.height,
    // set here, so that React Flow does not measure a node that comes into view
    measured: { width: shape.width, height: shape.height },
    selected,
    ariaLabel: label,
    ariaRole: 'group',
    ...(isPanel(id) && { draggable: false, selectable: false, focusable: false }),
    handles: [
      ...shape.inputs.map((at) => ({
        ...handleBox(at, 0),
        type: 'target' as const,
        position: Position.Left,
      })),
      ...shape.outputs.map((at) => ({
        ...handleBox(at, shape.width),
        type: 'source' as const,
        position: Position.Right,
      })),
    ],
  }
}

/** Outputs that wires refer to and that the node type does not have. */
function findExtraOutputs(body: Body, typeFor: Shown['typeFor']): Map<NodeId, string[]> {
  const extra = new Map<NodeId, string[]>()
  for (const node of Object.values(body.nodes)) {
    for (const value of Object.values(node.inputs ?? {})) {
      if (!isReference(value)) continue
      const [id, output] = value.from
      const source = body.nodes[id]
      if (!source || typeFor(source.type)?.outputs.some((known) => known.name === output)) continue
      const list = extra.get(id) ?? []
      if (!list.includes(output)) extra.set(id, [...list, output])
    }
  }
  return extra
}

/** The type that flows into an input whose own type is open. */
function inflow(node: DocNode, type: NodeType, name: string, carrier: Carrier): string {
  const variable = type.inputs.find((input) => input.name === name)?.generic
  for (const input of type.inputs) {
    const value = node.inputs?.[input.name]
    if (input.generic !== variable || !isReference(value)) continue
    const found = carrier(...value.from).type
    if (found !== '*') return found
  }
  return '*'
}

function flowKey(type: NodeType, flows: Flows, outputs: readonly string[]): string {
  const out = type.outputs.map(({ name }) => {
    const carried = flows.output(name)
    return `${carried.type}${carried.each}`
  })
  const into = type.inputs.map((input) => (input.generic ? flows.input(input.name) : ''))
  return [...outputs, ...out, ...into].join('\n')
}

/** The positions of the panels, left and right of all nodes; they do not move while nodes are dragged. */
function besides(
  body: Sub,
  placed: ReadonlyMap<NodeId, Entry>,
  moving: Readonly<Record<NodeId, Point>>,
): [Point, Point] {
  let [left, right, top] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]
  for (const id of body.order) {
    const entry = placed.get(id)
    if (!entry) continue
    const [x, y] = (moving[id] && body.nodes[id]?.position) || entry.position
    left = Math.min(left, x)
    right = Math.max(right, x + entry.shape.width)
    top = Math.min(top, y)
  }
  if (left > right) [left, right, top] = [0, 320, 0]
  return [
    [left - PANEL_GAP - PORTS_WIDTH, top],
    [right + PANEL_GAP, top],
  ]
}

type Port = Omit<Socket, 'y'>

function portsIn(body: Sub, type: NodeType | undefined): Port[] {
  return body.inputs.map(({ name, title }) => {
    const input = type?.inputs.find((one) => one.name === name)
    return {
      name,
      title: title ?? input?.title ?? name,
      type: input?.type ?? '*',
      tooltip: input?.tooltip ?? '',
    }
  })
}

function portsOut(body: Sub, type: NodeType | undefined): Port[] {
  return body.outputs.map(({ name, title }) => {
    const output = type?.outputs.find((one) => one.name === name)
    return { name, title: title ?? name, type: output?.type ?? '*', tooltip: output?.tooltip ?? '' }
  })
}
