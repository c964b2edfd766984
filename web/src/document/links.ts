/** Questions about the wires of a document. */
import { type Body, isReference, type NodeId } from './types'

export interface Link {
  from: NodeId
  output: string
  to: NodeId
  input: string
}

export function* linksInto(doc: Body, to: NodeId): Generator<Link> {
  for (const [input, value] of Object.entries(doc.nodes[to]?.inputs ?? {})) {
    if (isReference(value)) yield { from: value.from[0], output: value.from[1], to, input }
  }
}

/** Whether `target` is reached from `start` by following wires upstream. */
export function isUpstream(doc: Body, start: NodeId, target: NodeId): boolean {
  const seen = new Set<NodeId>()
  const pending = [start]
  while (pending.length) {
    const id = pending.pop() as NodeId
    if (id === target) return true
    if (seen.has(id)) continue
    seen.add(id)
    for (const link of linksInto(doc, id)) pending.push(link.from)
  }
  return false
}

/** Node ids that are fed, over any number of wires, by some nodes. */
export function downstream(doc: Body, starts: Iterable<NodeId>): Set<NodeId> {
  const readers = new Map<NodeId, NodeId[]>()
  for (const id of doc.order) {
    for (const link of linksInto(doc, id)) {
      const list = readers.get(link.from)
      if (list) list.push(id)
      else readers.set(link.from, [id])
    }
  }
  const found = new Set<NodeId>()
  const pending = [...starts]
  while (pending.length) {
    for (const reader of readers.get(pending.pop() as NodeId) ?? []) {
      if (!found.has(reader)) {
        found.add(reader)
        pending.push(reader)
      }
    }
  }
  return found
}
