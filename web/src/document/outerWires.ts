/** The wires that lead to some nodes from others: what copies of them may keep, or have to leave out. */
import { isSub } from './subworkflows'
import { type Body, isReference, type NodeId, type SocketRef } from './types'

export interface OuterWire {
  /** The input that it feeds. */
  to: SocketRef
  /** The node that it comes from, or the input of the open sub-workflow. */
  from: { node: NodeId; type: string } | { port: string }
}

/** The wires into these nodes whose other end is not among them. */
export function outerWires(body: Body, ids: ReadonlySet<NodeId>): OuterWire[] {
  const found: OuterWire[] = []
  for (const id of ids) {
    for (const [name, value] of Object.entries(body.nodes[id]?.inputs ?? {})) {
      if (!isReference(value) || ids.has(value.from[0])) continue
      const [node] = value.from
      found.push({ to: [id, name], from: { node, type: body.nodes[node]?.type ?? '' } })
    }
  }
  for (const { name, to } of isSub(body) ? body.inputs : [])
    for (const [node, socket] of to)
      if (ids.has(node)) found.push({ to: [node, socket], from: { port: name } })
  return found
}

/** Whether a wire still has where to come from. Ids are given anew after a while: the type has to be the same, too. */
export function canKeep(body: Body, { from }: OuterWire): boolean {
  if ('port' in from) return isSub(body) && body.inputs.some((input) => input.name === from.port)
  return from.type !== '' && body.nodes[from.node]?.type === from.type
}

/** Connects the inputs of an open sub-workflow to copies like to their originals, in a draft. `fresh` maps to new ids. */
export function feedCopies(
  body: Body,
  wires: readonly OuterWire[],
  fresh: ReadonlyMap<NodeId, NodeId>,
): void {
  if (!isSub(body)) return
  for (const { to, from } of wires) {
    const copy = fresh.get(to[0])
    if ('port' in from && copy !== undefined)
      body.inputs.find((input) => input.name === from.port)?.to.push([copy, to[1]])
  }
}
