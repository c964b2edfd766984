/**
 * From the document to what React Flow draws. Nodes and edges keep their identity while nothing about them changes,
 * and node data hold the id alone, so that an edit renders one node.
 */
import { type Edge, type Node, Position } from '@xyflow/react'
import { createStore } from 'zustand/vanilla'
import type { NodeType } from '../api/types'
import type { CatalogueStore } from '../catalogue/store'
import { MOST_SHOWN, shortened } from '../document/json'
import type { DocStore } from '../document/store'
import { isSub } from '../document/subworkflows'
import { type Body, type DocNode, isReference, type NodeId, type Point, type Sub } from '../document/types'
import type { Ui } from '../state/ui'
import type { NodeTypes } from '../subworkflows/lookup'
import { type Carried, type Carrier, carrierOf } from '../subworkflows/typeInference'
import {
  type FieldSizes,
  handleBox,
  isSameShape,
  PORTS_WIDTH,
  type Shape,
  type Socket,
  shapeOf,
  shapeOfPorts,
} from './geometry'

/** The two panels of an open sub-workflow. No node of a file has a slash in its id. */
export const INPUTS = '/inputs'
export const OUTPUTS = '/outputs'
export const isPanel = (id: NodeId) => id === INPUTS || id === OUTPUTS

export type OpNode = Node<{ id: NodeId }, 'op' | 'ports'>
export type WireEdge = Edge<{ type: string; each: boolean; note: string }, 'wire'>

interface Entry {
  source: DocNode | Sub
  type: NodeType | undefined
  extra: string
  shape: Shape
  node: OpNode | null
  position: Point
  selected: boolean
}

export interface FlowState {
  nodes: OpNode[]
  edges: WireEdge[]
  shapes: ReadonlyMap<NodeId, Shape>
}

const NONE: readonly string[] = []
const PANEL_GAP = 96

function flowNode(id: NodeId, shape: Shape, [x, y]: Point, selected: boolean, label: string): OpNode {
  return {
    id,
    type: isPanel(id) ? 'ports' : 'op',
    position: { x, y },
    data: { id },
    width: shape.width,
    height: shape.height,
    // said beforehand, so that React Flow measures nothing when a node comes into sight
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

const isSameList = <T>(one: readonly T[], other: readonly T[]) =>
  one.length === other.length && one.every((item, at) => item === other[at])

/** The title of a node as it is shown; to change it one takes the whole. */
export const titleOf = (node: DocNode, type: NodeType | undefined) =>
  shortened(node.title || type?.title || node.type, MOST_SHOWN)

function flowKey(
  type: NodeType,
  flows: { input(name: string): string; output(name: string): Carried },
  outputs: readonly string[],
): string {
  const out = type.outputs.map(({ name }) => {
    const carried = flows.output(name)
    return `${carried.type}${carried.each}`
  })
  const into = type.inputs.map((input) => (input.generic ? flows.input(input.name) : ''))
  return [...outputs, ...out, ...into].join('\n')
}

/** The panels stand left and right of all nodes, and stay where they are while nodes are dragged. */
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

/** Which socket an edge ends at, from its id; and the input of the sub-workflow that feeds it, if one does. */
export function edgeEnd(edgeId: string): [NodeId, string, string | undefined] {
  const [node, socket, port] = edgeId.split('\u0000')
  return [node ?? '', socket ?? '', port]
}

interface Parts {
  doc: DocStore
  catalogue: CatalogueStore
  types: NodeTypes
  ui: Ui
  fieldSizes: FieldSizes
}

export function createFlow({ doc, catalogue, types, ui, fieldSizes }: Parts) {
  const store = createStore<FlowState>(() => ({ nodes: [], edges: [], shapes: new Map() }))
  let entries = new Map<NodeId, Entry>()
  let edgeCache = new Map<string, WireEdge>()
  let carrier: Carrier = () => ({ type: '*', each: false, isList: false })

  /** Outputs that wires refer to and that the definition of their node does not have. */
  function findExtraOutputs(body: Body): Map<NodeId, string[]> {
    const extra = new Map<NodeId, string[]>()
    for (const node of Object.values(body.nodes)) {
      for (const value of Object.values(node.inputs ?? {})) {
        if (!isReference(value)) continue
        const [id, output] = value.from
        const source = body.nodes[id]
        if (!source || types.typeFor(source.type)?.outputs.some((known) => known.name === output)) continue
        const list = extra.get(id) ?? []
        if (!list.includes(output)) extra.set(id, [...list, output])
      }
    }
    return extra
  }

  /** The type that flows into an input whose own type is open. */
  function inflow(node: DocNode, type: NodeType, name: string): string {
    const variable = type.inputs.find((input) => input.name === name)?.generic
    for (const input of type.inputs) {
      const value = node.inputs?.[input.name]
      if (input.generic !== variable || !isReference(value)) continue
      const found = carrier(...value.from).type
      if (found !== '*') return found
    }
    return '*'
  }

  function derive(): void {
    const { body, path } = doc.getState()
    const { selected, selectedEdges, moving } = ui.getState()
    carrier = carrierOf(body, types.typeFor)
    const streams = Object.values(body.nodes).some((node) =>
      types.typeFor(node.type)?.outputs.some((out) => out.each),
    )
    const extra = findExtraOutputs(body)
    const fresh = new Map<NodeId, Entry>()
    const freshEdges = new Map<string, WireEdge>()
    const shapes = new Map<NodeId, Shape>()
    const nodes: OpNode[] = []
    const edges: WireEdge[] = []

    const place = (
      id: NodeId,
      source: DocNode | Sub,
      type: NodeType | undefined,
      key: string,
      position: Point,
      label: string,
      shapeIt: () => Shape,
    ) => {
      const isSelected = selected.has(id)
      const old = entries.get(id)
      const fromSame = old?.source === source && old.type === type && old.extra === key
      const made = fromSame ? old.shape : shapeIt()
      const sameShape =
        fromSame || (old?.type === type && old?.shape !== undefined && isSameShape(old.shape, made))
      const shape = sameShape && old ? old.shape : made
      const same =
        sameShape &&
        old?.node &&
        old.node.ariaLabel === label &&
        old.selected === isSelected &&
        old.position[0] === position[0] &&
        old.position[1] === position[1]
      const node = same ? old.node : flowNode(id, shape, position, isSelected, label)
      fresh.set(id, { source, type, extra: key, shape, node, position, selected: isSelected })
      shapes.set(id, shape)
      if (node) nodes.push(node)
    }

    body.order.forEach((id, at) => {
      const source = body.nodes[id]
      if (!source) return
      const type = types.typeFor(source.type)
      const outputs = extra.get(id) ?? NONE
      const position = moving[id] ?? source.position ?? [40 + (at % 6) * 340, 40 + Math.floor(at / 6) * 420]
      const open = type !== undefined && (streams || type.inputs.some((input) => input.generic))
      const flows = open && {
        input: (name: string) => inflow(source, type, name),
        output: (name: string) => carrier(id, name),
      }
      const key = flows ? flowKey(type, flows, outputs) : outputs.join('\n')
      place(id, source, type, key, position, titleOf(source, type), () =>
        shapeOf(source, type, fieldSizes, outputs, flows || undefined),
      )
    })

    if (isSub(body)) {
      const [left, right] = besides(body, fresh, moving)
      const type = types.typeFor(`@${path.at(-1)?.sub}`)
      const key = JSON.stringify([body.inputs, body.outputs])
      place(INPUTS, body, type, key, left, 'Inputs of the sub-workflow', () =>
        shapeOfPorts(portsIn(body, type), 'inputs'),
      )
      place(OUTPUTS, body, type, key, right, 'Outputs of the sub-workflow', () =>
        shapeOfPorts(portsOut(body, type), 'outputs'),
      )
    }

    const wire = (edgeId: string, from: NodeId, output: string, to: NodeId, input: string) => {
      const socket = shapes.get(from)?.outputs.find((known) => known.name === output)
      const end = shapes.get(to)?.inputs.find((known) => known.name === input)
      if (!socket || !end) return
      const isSelected = selectedEdges.has(edgeId)
      const old = edgeCache.get(edgeId)
      const each = socket.each ?? false
      const note = !each || isPanel(to) ? '' : end.collects ? 'collects' : 'each'
      const same =
        old?.source === from &&
        old.sourceHandle === output &&
        old.data?.type === socket.type &&
        old.data.each === each &&
        old.data.note === note &&
        old.selected === isSelected
      const edge: WireEdge = same
        ? old
        : {
            id: edgeId,
            type: 'wire',
            source: from,
            sourceHandle: output,
            target: to,
            targetHandle: input,
            data: { type: socket.type, each, note },
            selected: isSelected,
            ariaLabel: `Wire from ${socket.title || output} to ${end.title || input}`,
          }
      freshEdges.set(edgeId, edge)
      edges.push(edge)
    }
    for (const id of body.order) {
      const inputs = body.nodes[id]?.inputs
      for (const name in inputs) {
        const value = inputs[name]
        if (isReference(value)) wire(`${id}\u0000${name}`, ...value.from, id, name)
      }
    }
    if (isSub(body)) {
      for (const { name, to } of body.inputs)
        for (const [id, input] of to) wire(`${id}\u0000${input}\u0000${name}`, INPUTS, name, id, input)
      for (const { name, from } of body.outputs) wire(`${OUTPUTS}\u0000${name}`, ...from, OUTPUTS, name)
    }

    entries = fresh
    edgeCache = freshEdges
    const before = store.getState()
    const next: Partial<FlowState> = {}
    if (!isSameList(nodes, before.nodes)) Object.assign(next, { nodes, shapes })
    if (!isSameList(edges, before.edges)) next.edges = edges
    if (next.nodes || next.edges) store.setState(next)
  }

  /** Keep the flow in step with the document, the definitions and the selection. */
  function start(): void {
    doc.subscribe((now, before) => {
      // ids of another document name other nodes
      if (now.opened !== before.opened) {
        ui.select([])
        ui.setState({ moving: {}, connecting: null, renaming: null, why: null })
      }
      if (now.body !== before.body || now.doc.subs !== before.doc.subs) derive()
    })
    catalogue.subscribe((now, before) => {
      if (now.types !== before.types) derive()
    })
    ui.subscribe((now, before) => {
      if (
        now.selected !== before.selected ||
        now.selectedEdges !== before.selectedEdges ||
        now.moving !== before.moving
      ) {
        derive()
      }
    })
    derive()
  }

  return {
    ...store,
    start,
    /** What an output of a shown node carries. */
    carriedBy: (id: NodeId, output: string): Carried => carrier(id, output),
  }
}

export type Flow = ReturnType<typeof createFlow>
