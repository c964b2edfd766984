/** All edits of a document, as plain functions on a draft. They keep references whole and know nothing of the screen. */
import type { Json } from '../api/types'
import {
  type Body,
  type Doc,
  type DocNode,
  type InputValue,
  isReference,
  type Mode,
  type NodeId,
  type Point,
  type SeedControl,
} from './types'

/** A number above all numeric ids, so that new ids stay short and never meet an old one. */
export function freeId(doc: { nodes: Record<NodeId, unknown> }): NodeId {
  let highest = 0
  for (const id of Object.keys(doc.nodes)) {
    const value = Number(id)
    if (Number.isSafeInteger(value) && value > highest) highest = value
  }
  return String(highest + 1)
}

export function addNode(doc: Body, node: DocNode, id: NodeId = freeId(doc)): NodeId {
  doc.nodes[id] = node
  doc.order.push(id)
  return id
}

export function removeNodes(doc: Body, ids: Iterable<NodeId>): void {
  const gone = new Set(ids)
  for (const id of gone) delete doc.nodes[id]
  doc.order = doc.order.filter((id) => !gone.has(id))
  for (const node of Object.values(doc.nodes)) {
    for (const [name, value] of Object.entries(node.inputs ?? {})) {
      if (isReference(value) && gone.has(value.from[0])) delete node.inputs?.[name]
    }
  }
}

export function setInput(doc: Body, id: NodeId, name: string, value: InputValue): void {
  const node = doc.nodes[id]
  if (!node) return
  if (!node.inputs) node.inputs = {}
  node.inputs[name] = value
}

/** A literal as it stands in the file: objects are wrapped, so that they are not taken for references. */
export function literal(value: Json): InputValue {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { value } : value
}

export function connect(doc: Body, from: NodeId, output: string, to: NodeId, input: string): void {
  setInput(doc, to, input, { from: [from, output] })
}

export function disconnect(doc: Body, to: NodeId, input: string): void {
  const inputs = doc.nodes[to]?.inputs
  if (inputs && isReference(inputs[input])) delete inputs[input]
}

export function moveNodes(doc: Body, positions: Record<NodeId, Point>): void {
  for (const [id, position] of Object.entries(positions)) {
    const node = doc.nodes[id]
    if (node) node.position = [Math.round(position[0]), Math.round(position[1])]
  }
}

export function resizeNode(doc: Body, id: NodeId, size: Point): void {
  const node = doc.nodes[id]
  if (node) node.size = [Math.round(size[0]), Math.round(size[1])]
}

export function setMode(doc: Body, ids: Iterable<NodeId>, mode: Mode): void {
  for (const id of ids) {
    const node = doc.nodes[id]
    if (!node) continue
    if (mode === 'active') delete node.mode
    else node.mode = mode
  }
}

export function setNodeTitle(doc: Body, id: NodeId, title: string): void {
  const node = doc.nodes[id]
  if (!node) return
  if (title) node.title = title
  else delete node.title
}

export function setSeedControl(doc: Body, id: NodeId, name: string, control: SeedControl): void {
  const node = doc.nodes[id]
  if (!node) return
  if (!node.seeds) node.seeds = {}
  node.seeds[name] = control
}

export function setTitle(doc: Doc, title: string): void {
  if (title) doc.title = title
  else delete doc.title
}

/** What a run drew: `{"3.seed": 7}`; nodes inside sub-workflows by their path, or by their definition: `{"@id/3.seed": 7}`. */
export function writeSeeds(doc: Doc, changed: Record<string, Json>): void {
  for (const [place, value] of Object.entries(changed)) {
    const dot = place.lastIndexOf('.')
    const [body, id] = findBody(doc, place.slice(0, dot))
    const input = place.slice(dot + 1)
    // the document may have been edited since: what has a wire by now keeps it
    if (body && !isReference(body.nodes[id]?.inputs?.[input])) setInput(body, id, input, value)
  }
}

/** The nodes beside the one that a path names; undefined when the path leads nowhere. */
function findBody(doc: Doc, path: string): [Body | undefined, NodeId] {
  const parts = path.split('/')
  let body: Body | undefined = doc
  for (const part of parts.slice(0, -1)) {
    const type: string | undefined = part.startsWith('@') ? part : body?.nodes[part]?.type
    body = doc.subs[type?.slice(1) ?? '']
  }
  return [body, parts.at(-1) as NodeId]
}

/**
 * Add the nodes of a fragment under new ids, moved by `offset`. References out of the fragment are cut, but for those to
 * nodes in `kept`.
 */
export function insertFragment(
  doc: Body,
  fragment: Body,
  offset: Point,
  kept: ReadonlySet<NodeId> = new Set(),
): NodeId[] {
  const ids = new Map<NodeId, NodeId>()
  let next = Number(freeId(doc))
  for (const id of fragment.order) ids.set(id, String(next++))
  for (const id of fragment.order) {
    const node = structuredClone(fragment.nodes[id]) as DocNode
    const [x, y] = node.position ?? [0, 0]
    node.position = [Math.round(x + offset[0]), Math.round(y + offset[1])]
    for (const [name, value] of Object.entries(node.inputs ?? {})) {
      if (!isReference(value)) continue
      const source = ids.get(value.from[0])
      if (source && node.inputs) node.inputs[name] = { from: [source, value.from[1]] }
      else if (!kept.has(value.from[0])) delete node.inputs?.[name]
    }
    addNode(doc, node, ids.get(id) as NodeId)
  }
  return [...ids.values()]
}

/** Some nodes of a document as a document of their own: what copying puts on the clipboard. */
export function fragmentOf(doc: Body, ids: ReadonlySet<NodeId>): Doc {
  const order = doc.order.filter((id) => ids.has(id))
  const nodes = Object.fromEntries(order.map((id) => [id, doc.nodes[id] as DocNode]))
  return { jacquard: 1, nodes, order, subs: {}, rest: {} }
}
