/** The wires of the document as edges of React Flow. An edge stays the same object while nothing about it changes. */
import type { Edge } from '@xyflow/react'
import { isSub } from '../document/subworkflows'
import { type Body, type DocNode, isReference, type NodeId } from '../document/types'
import { INPUTS, isPanel, OUTPUTS } from './flowNodes'
import type { Shape } from './geometry'

export type WireEdge = Edge<{ type: string; each: boolean; note: string }, 'wire'>

/** The socket at which an edge ends, from its id; and the input of the sub-workflow that feeds it, if any. */
export function edgeEnd(edgeId: string): [NodeId, string, string | undefined] {
  const [node, socket, port] = edgeId.split('\u0000')
  return [node ?? '', socket ?? '', port]
}

interface Ends {
  id: string
  from: NodeId
  output: string
  to: NodeId
  input: string
}

/** All wires of a body; those of its panels come last. */
function* wiresOf(body: Body): Generator<Ends> {
  for (const to of body.order) {
    const inputs = body.nodes[to]?.inputs
    for (const input in inputs) {
      const value = inputs[input]
      if (!isReference(value)) continue
      const [from, output] = value.from
      yield { id: `${to}\u0000${input}`, from, output, to, input }
    }
  }
  if (!isSub(body)) return
  for (const { name, to: ends } of body.inputs)
    for (const [to, input] of ends)
      yield { id: `${to}\u0000${input}\u0000${name}`, from: INPUTS, output: name, to, input }
  for (const { name, from } of body.outputs)
    yield { id: `${OUTPUTS}\u0000${name}`, from: from[0], output: from[1], to: OUTPUTS, input: name }
}

/** What edges follow from. */
export interface Wiring {
  body: Body
  shapes: ReadonlyMap<NodeId, Shape>
  selected: ReadonlySet<string>
}

/** Whether no edge differs between two states, found without their edges: a key in a field changes no wire. */
export function isSameWiring(one: Wiring, other: Wiring): boolean {
  if (one.selected !== other.selected || one.shapes.size !== other.shapes.size) return false
  for (const [id, shape] of one.shapes) if (other.shapes.get(id) !== shape) return false
  const [body, now] = [one.body, other.body]
  if (body === now) return true
  if (isSub(body) ? !isSub(now) || body.inputs !== now.inputs || body.outputs !== now.outputs : isSub(now))
    return false
  return body.order === now.order && now.order.every((id) => hasSameReferences(body.nodes[id], now.nodes[id]))
}

function hasSameReferences(one: DocNode | undefined, other: DocNode | undefined): boolean {
  if (one === other) return true
  const [held, now] = [one?.inputs ?? {}, other?.inputs ?? {}]
  return [...Object.keys(held), ...Object.keys(now)].every(
    (name) => held[name] === now[name] || !(isReference(held[name]) || isReference(now[name])),
  )
}

/** All edges between existing sockets, in their order; `before` are the edges shown so far. */
export function deriveEdges(
  body: Body,
  shapes: ReadonlyMap<NodeId, Shape>,
  selected: ReadonlySet<string>,
  before: ReadonlyMap<string, WireEdge>,
): Map<string, WireEdge> {
  const edges = new Map<string, WireEdge>()
  for (const wire of wiresOf(body)) {
    const edge = edgeOf(wire, shapes, selected.has(wire.id), before.get(wire.id))
    if (edge) edges.set(wire.id, edge)
  }
  return edges
}

function edgeOf(
  { id, from, output, to, input }: Ends,
  shapes: ReadonlyMap<NodeId, Shape>,
  selected: boolean,
  old: WireEdge | undefined,
): WireEdge | null {
  const socket = shapes.get(from)?.outputs.find((known) => known.name === output)
  const end = shapes.get(to)?.inputs.find((known) => known.name === input)
  if (!socket || !end) return null
  const each = socket.each ?? false
  const note = !each || isPanel(to) ? '' : end.collects ? 'collects' : 'each'
  const same =
    old?.source === from &&
    old.sourceHandle === output &&
    old.data?.type === socket.type &&
    old.data.each === each &&
    old.data.note === note &&
    old.selected === selected
  if (same) return old
  return {
    id,
    type: 'wire',
    source: from,
    sourceHandle: output,
    target: to,
    targetHandle: input,
    data: { type: socket.type, each, note },
    selected,
    ariaLabel: `Wire from ${socket.title || output} to ${end.title || input}`,
  }
}
