/**
 * From the document to what React Flow draws. Nodes and edges keep their identity while nothing about them changes,
 * and node data hold the id alone, so that an edit renders one node.
 */
import { type Edge, type Node, Position } from '@xyflow/react'
import { createStore } from 'zustand/vanilla'
import type { NodeType } from '../api/types'
import { ui } from '../app/ui'
import { defsStore } from '../defs/store'
import { docStore } from '../doc/store'
import { type Doc, type DocNode, isReference, type NodeId, type Point } from '../doc/types'
import { handleBox, isSameShape, type Shape, shapeOf } from './geometry'

export type OpNode = Node<{ id: NodeId }, 'op'>
export type WireEdge = Edge<{ type: string }, 'wire'>

interface Entry {
  source: DocNode
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

export const flowStore = createStore<FlowState>(() => ({ nodes: [], edges: [], shapes: new Map() }))

const NONE: readonly string[] = []
let entries = new Map<NodeId, Entry>()
let edgeCache = new Map<string, WireEdge>()

/** Outputs that wires refer to and that the definition of their node does not have. */
function findExtraOutputs(doc: Doc, types: ReadonlyMap<string, NodeType>): Map<NodeId, string[]> {
  const extra = new Map<NodeId, string[]>()
  for (const node of Object.values(doc.nodes)) {
    for (const value of Object.values(node.inputs ?? {})) {
      if (!isReference(value)) continue
      const [id, output] = value.from
      const source = doc.nodes[id]
      if (!source || types.get(source.type)?.outputs.some((known) => known.name === output)) continue
      const list = extra.get(id) ?? []
      if (!list.includes(output)) extra.set(id, [...list, output])
    }
  }
  return extra
}

function flowNode(id: NodeId, shape: Shape, [x, y]: Point, selected: boolean, label: string): OpNode {
  return {
    id,
    type: 'op',
    position: { x, y },
    data: { id },
    width: shape.width,
    height: shape.height,
    // said beforehand, so that React Flow measures nothing when a node comes into sight
    measured: { width: shape.width, height: shape.height },
    selected,
    ariaLabel: label,
    ariaRole: 'group',
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

export const titleOf = (node: DocNode, type: NodeType | undefined) => node.title || type?.title || node.type

function derive(): void {
  const { doc } = docStore.getState()
  const { types } = defsStore.getState()
  const { selected, selectedEdges, moving } = ui.getState()
  const extra = findExtraOutputs(doc, types)
  const fresh = new Map<NodeId, Entry>()
  const freshEdges = new Map<string, WireEdge>()
  const shapes = new Map<NodeId, Shape>()
  const nodes: OpNode[] = []
  const edges: WireEdge[] = []

  doc.order.forEach((id, at) => {
    const source = doc.nodes[id]
    if (!source) return
    const type = types.get(source.type)
    const outputs = extra.get(id) ?? NONE
    const key = outputs.join('\n')
    const position = moving[id] ?? source.position ?? [40 + (at % 6) * 340, 40 + Math.floor(at / 6) * 420]
    const isSelected = selected.has(id)
    const old = entries.get(id)
    const fromSame = old?.source === source && old.type === type && old.extra === key
    const made = fromSame ? old.shape : shapeOf(source, type, outputs)
    const sameShape =
      fromSame || (old?.type === type && old?.shape !== undefined && isSameShape(old.shape, made))
    const shape = sameShape && old ? old.shape : made
    const same =
      sameShape &&
      old?.node &&
      old.node.ariaLabel === titleOf(source, type) &&
      old.selected === isSelected &&
      old.position[0] === position[0] &&
      old.position[1] === position[1]
    const node = same ? old.node : flowNode(id, shape, position, isSelected, titleOf(source, type))
    fresh.set(id, { source, type, extra: key, shape, node, position, selected: isSelected })
    shapes.set(id, shape)
    if (node) nodes.push(node)
  })

  for (const id of doc.order) {
    const inputs = doc.nodes[id]?.inputs
    for (const name in inputs) {
      const value = inputs[name]
      if (!isReference(value)) continue
      const [from, output] = value.from
      const socket = shapes.get(from)?.outputs.find((known) => known.name === output)
      if (!socket || !shapes.get(id)?.inputs.some((known) => known.name === name)) continue
      const edgeId = `${id}\u0000${name}`
      const isSelected = selectedEdges.has(edgeId)
      const old = edgeCache.get(edgeId)
      const same =
        old?.source === from &&
        old.sourceHandle === output &&
        old.data?.type === socket.type &&
        old.selected === isSelected
      const edge: WireEdge = same
        ? old
        : {
            id: edgeId,
            type: 'wire',
            source: from,
            sourceHandle: output,
            target: id,
            targetHandle: name,
            data: { type: socket.type },
            selected: isSelected,
            ariaLabel: `Wire from ${output} to ${name}`,
          }
      freshEdges.set(edgeId, edge)
      edges.push(edge)
    }
  }
  entries = fresh
  edgeCache = freshEdges
  const before = flowStore.getState()
  const next: Partial<FlowState> = {}
  if (!isSameList(nodes, before.nodes)) Object.assign(next, { nodes, shapes })
  if (!isSameList(edges, before.edges)) next.edges = edges
  if (next.nodes || next.edges) flowStore.setState(next)
}

/** Which socket an edge ends at, from its id. */
export function edgeEnd(edgeId: string): [NodeId, string] {
  const at = edgeId.indexOf('\u0000')
  return [edgeId.slice(0, at), edgeId.slice(at + 1)]
}

/** Keep the flow in step with the document, the definitions and the selection. */
export function startFlow(): void {
  docStore.subscribe((now, before) => {
    if (now.doc !== before.doc) derive()
  })
  defsStore.subscribe((now, before) => {
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
