/** Sub-workflows of a document: where one is, what it contains, and the edits of its inputs and outputs. */
import { removeNodes } from './edits'
import { subToJson } from './file'
import { writeJson } from './json'
import {
  type Body,
  type Doc,
  type DocNode,
  isReference,
  type NodeId,
  type SocketRef,
  type Sub,
  type SubId,
} from './types'

/** One step into a document: the node that was opened, the definition that it leads to, and by which input. */
export interface Place {
  node: NodeId
  sub: SubId
  /** For nodes that run a sub-workflow of their choice: the input that names it. */
  input?: string
}
export type Path = readonly Place[]

/** Which inputs of a node type hold the id of a sub-workflow. The document itself does not tell. */
export type BodyInputs = (type: string) => readonly string[]
const NONE: BodyInputs = () => []

export const typeOfSubId = (id: SubId) => `@${id}`
export const subIdOf = (type: string): SubId | null => (type.startsWith('@') ? type.slice(1) : null)
export const isSub = (body: Body): body is Sub => 'outputs' in body

/** The definitions that a node uses by itself: as its instance, or by an input. */
export function subsOfNode(node: DocNode, bodyInputs: BodyInputs = NONE): SubId[] {
  const own = subIdOf(node.type)
  const named = bodyInputs(node.type).map((input) => node.inputs?.[input])
  return [...(own === null ? [] : [own]), ...named.filter((id): id is SubId => typeof id === 'string')]
}

/** The nodes that a path leads to. */
export function bodyAt(doc: Doc, path: Path): Body {
  const last = path.at(-1)
  return (last && doc.subs[last.sub]) || doc
}

/** As much of a path as the document still has. */
export function validPath(doc: Doc, path: Path): Path {
  for (const [at, { node, sub, input }] of path.entries()) {
    const found = bodyAt(doc, path.slice(0, at)).nodes[node]
    const named = input ? found?.inputs?.[input] : subIdOf(found?.type ?? '')
    if (!found || named !== sub || !doc.subs[sub]) return path.slice(0, at)
  }
  return path
}

export function* bodiesOf(doc: Doc): Generator<Body> {
  yield doc
  yield* Object.values(doc.subs)
}

/** How many nodes use a definition, in the whole document. */
export function usesOf(doc: Doc, id: SubId, bodyInputs: BodyInputs = NONE): number {
  let count = 0
  for (const body of bodiesOf(doc))
    for (const node of Object.values(body.nodes)) if (subsOfNode(node, bodyInputs).includes(id)) count += 1
  return count
}

/** The definitions that some nodes need, over any number of levels. */
export function closure(
  doc: Doc,
  nodes: Iterable<DocNode>,
  bodyInputs: BodyInputs = NONE,
): ReadonlySet<SubId> {
  const found = new Set<SubId>()
  const pending = [...nodes]
  while (pending.length) {
    for (const id of subsOfNode(pending.pop() as DocNode, bodyInputs)) {
      const sub = doc.subs[id]
      if (found.has(id) || !sub) continue
      found.add(id)
      pending.push(...Object.values(sub.nodes))
    }
  }
  return found
}

/** Would a node that uses `used` close a circle inside `inside`? */
export function closesCircle(doc: Doc, inside: SubId, used: SubId, bodyInputs: BodyInputs = NONE): boolean {
  return used === inside || closure(doc, Object.values(doc.subs[used]?.nodes ?? {}), bodyInputs).has(inside)
}

export const unusedSubs = (doc: Doc, bodyInputs: BodyInputs = NONE): SubId[] => {
  const used = closure(doc, Object.values(doc.nodes), bodyInputs)
  return Object.keys(doc.subs).filter((id) => !used.has(id))
}

export const subTitle = (id: SubId, sub: Sub | undefined) => sub?.title || id

/** A name that is not among those taken: "clip", "clip_2", "clip_3". */
export function freeName(wanted: string, taken: Iterable<string>, joint = '_'): string {
  const names = new Set(taken)
  let name = wanted
  for (let n = 2; names.has(name); n++) name = `${wanted}${joint}${n}`
  return name
}

/** An id made from a title: short, readable in the file, not taken. */
export function freeSubId(doc: Pick<Doc, 'subs'>, title: string): SubId {
  const plain = title
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 40)
  return freeName(/^[a-z]/.test(plain) ? plain : `sub-${plain || 'workflow'}`, Object.keys(doc.subs), '-')
}

export function renameSub(doc: Doc, id: SubId, title: string): void {
  const sub = doc.subs[id]
  if (sub && title) sub.title = title
}

/** A definition of its own for one instance. */
export function separate(doc: Doc, body: Body, node: NodeId, copy: Sub): SubId | null {
  const instance = body.nodes[node]
  if (!instance) return null
  const titles = Object.values(doc.subs).map((sub) => sub.title ?? '')
  const title = freeName(copy.title ?? 'Sub-workflow', titles, ' ')
  const id = freeSubId(doc, title)
  doc.subs[id] = { ...structuredClone(copy), title }
  instance.type = typeOfSubId(id)
  return id
}

export function removeSubs(doc: Doc, ids: Iterable<SubId>): void {
  for (const id of ids) delete doc.subs[id]
}

// --- inputs and outputs -------------------------------------------------------------------------------------

function* instancesOf(doc: Doc, id: SubId): Generator<[Body, NodeId, DocNode]> {
  for (const body of bodiesOf(doc))
    for (const [nodeId, node] of Object.entries(body.nodes))
      if (node.type === typeOfSubId(id)) yield [body, nodeId, node]
}

const isAt = (one: SocketRef, [node, socket]: SocketRef) => one[0] === node && one[1] === socket

/** Let go of what feeds an inner input: a wire, or another input of the sub-workflow. */
function release(sub: Sub, target: SocketRef): void {
  const inputs = sub.nodes[target[0]]?.inputs
  if (inputs && isReference(inputs[target[1]])) delete inputs[target[1]]
  for (const input of sub.inputs)
    if (input.to.some((one) => isAt(one, target))) input.to = input.to.filter((one) => !isAt(one, target))
}

/** Lead an input of the sub-workflow to an inner input; a new one when no name is given. Answers its name. */
export function feedFromInput(sub: Sub, target: SocketRef, name?: string): string {
  release(sub, target)
  const known = sub.inputs.find((input) => input.name === name)
  if (known) known.to.push([...target])
  else {
    name = freeName(
      target[1],
      sub.inputs.map((input) => input.name),
    )
    sub.inputs.push({ name, to: [[...target]] })
  }
  return name as string
}

/** Take an inner input off the inputs of the sub-workflow. An input that feeds nothing any more stays, for the next wire. */
export function unfeed(sub: Sub, name: string, target: SocketRef): void {
  const input = sub.inputs.find((one) => one.name === name)
  if (input) input.to = input.to.filter((one) => !isAt(one, target))
}

/** Give an inner output to the outside; in place of what an output gave before when it is named. */
export function giveOutput(sub: Sub, source: SocketRef, name?: string): string {
  const known = sub.outputs.find((output) => output.name === name)
  if (known) known.from = [...source]
  else {
    name = freeName(
      source[1],
      sub.outputs.map((output) => output.name),
    )
    sub.outputs.push({ name, from: [...source] })
  }
  return name as string
}

/** An input goes, and with it what instances gave it. */
export function removeSubInput(doc: Doc, id: SubId, name: string): void {
  const sub = doc.subs[id]
  if (!sub) return
  sub.inputs = sub.inputs.filter((input) => input.name !== name)
  for (const [body, nodeId, node] of instancesOf(doc, id)) {
    if (node.inputs) delete node.inputs[name]
    if (node.seeds) delete node.seeds[name]
    if (isSub(body)) for (const input of body.inputs) unfeed(body, input.name, [nodeId, name])
  }
}

/** An output goes, and with it the wires that read it, and the outputs further out that hand it on. */
export function removeSubOutput(doc: Doc, id: SubId, name: string): void {
  const sub = doc.subs[id]
  if (!sub?.outputs.some((output) => output.name === name)) return
  sub.outputs = sub.outputs.filter((output) => output.name !== name)
  for (const [body, nodeId] of instancesOf(doc, id))
    eachReader(body, nodeId, name, (inputs, input) => delete inputs[input])
  for (const [outer, { outputs, nodes }] of Object.entries(doc.subs))
    for (const { name: further, from } of [...outputs])
      if (from[1] === name && nodes[from[0]]?.type === typeOfSubId(id)) removeSubOutput(doc, outer, further)
}

/** Give an input or output another name, wherever it is used. Nodes that run a sub-workflow of their choice go by it. */
export function renamePort(
  doc: Doc,
  id: SubId,
  side: 'inputs' | 'outputs',
  name: string,
  wanted: string,
): void {
  const rows = doc.subs[id]?.[side]
  const row = rows?.find((one) => one.name === name)
  if (!rows || !row || !wanted) return
  const others = rows.filter((one) => one !== row).map((one) => one.name)
  const fresh = freeName(wanted, others, ' ')
  row.name = fresh
  if (side === 'inputs') row.title = fresh
  else delete row.title // shown by its name
  if (fresh === name) return
  for (const [body, nodeId, node] of instancesOf(doc, id)) {
    if (side === 'inputs') {
      for (const held of [node.inputs, node.seeds] as Record<string, unknown>[]) {
        if (!held || !(name in held)) continue
        held[fresh] = held[name]
        delete held[name]
      }
      if (isSub(body))
        for (const input of body.inputs)
          input.to = input.to.map((to) => (isAt(to, [nodeId, name]) ? [nodeId, fresh] : to))
    } else {
      eachReader(body, nodeId, name, (inputs, input) => {
        inputs[input] = { from: [nodeId, fresh] }
      })
      if (isSub(body))
        for (const one of body.outputs) if (isAt(one.from, [nodeId, name])) one.from = [nodeId, fresh]
    }
  }
}

/** Move a row up or down by one. */
export function moveRow(rows: { name: string }[], name: string, by: -1 | 1): void {
  const at = rows.findIndex((row) => row.name === name)
  const to = at + by
  if (at < 0 || to < 0 || to >= rows.length) return
  const [row] = rows.splice(at, 1)
  if (row) rows.splice(to, 0, row)
}

export function eachReader(
  body: Body,
  from: NodeId,
  output: string,
  change: (inputs: NonNullable<DocNode['inputs']>, input: string) => void,
): void {
  for (const node of Object.values(body.nodes)) {
    for (const [input, value] of Object.entries(node.inputs ?? {}))
      if (isReference(value) && isAt(value.from, [from, output]) && node.inputs) change(node.inputs, input)
  }
}

/**
 * Remove nodes of what is open at a path. Inputs of a sub-workflow that led to them stay, for the next wire; outputs
 * that they gave go, and the wires that read them outside.
 */
export function removeInside(doc: Doc, path: Path, ids: Iterable<NodeId>): void {
  const gone = new Set(ids)
  const body = bodyAt(doc, path)
  removeNodes(body, gone)
  if (!isSub(body)) return
  for (const input of body.inputs)
    if (input.to.some(([node]) => gone.has(node))) input.to = input.to.filter(([node]) => !gone.has(node))
  const id = path.at(-1)?.sub ?? ''
  for (const { name, from } of [...body.outputs]) if (gone.has(from[0])) removeSubOutput(doc, id, name)
}

// --- copies from elsewhere ----------------------------------------------------------------------------------

const textOf = (sub: Sub | undefined) =>
  sub ? writeJson(subToJson(sub), 0, (value) => Object.keys(value).sort()) : ''

/**
 * Take over definitions from a fragment. One that is here already, the same in every word, is used again; one of the
 * same id that says something else comes under another id. Answers the ids that changed.
 */
export function adoptSubs(
  doc: Doc,
  subs: Readonly<Record<SubId, Sub>>,
  bodyInputs: BodyInputs = NONE,
): Map<SubId, SubId> {
  const renamed = new Map<SubId, SubId>()
  const conflicts = (id: SubId, sub: Sub) =>
    doc.subs[id] &&
    !renamed.has(id) &&
    (textOf(sub) !== textOf(doc.subs[id]) ||
      Object.values(sub.nodes).some((node) => subsOfNode(node, bodyInputs).some((used) => renamed.has(used))))
  for (let more = true; more; ) {
    more = false
    for (const [id, sub] of Object.entries(subs)) {
      if (!conflicts(id, sub)) continue
      renamed.set(
        id,
        freeSubId(
          { subs: { ...doc.subs, ...subs, ...Object.fromEntries([...renamed].map(([, to]) => [to, sub])) } },
          id,
        ),
      )
      more = true
    }
  }
  for (const [id, sub] of Object.entries(subs)) {
    const to = renamed.get(id) ?? id
    if (doc.subs[to]) continue
    const copy = structuredClone(sub)
    renameUses(Object.values(copy.nodes), renamed, bodyInputs)
    doc.subs[to] = copy
  }
  return renamed
}

/** Let nodes use definitions by their new ids. */
export function renameUses(
  nodes: Iterable<DocNode>,
  renamed: ReadonlyMap<SubId, SubId>,
  bodyInputs: BodyInputs = NONE,
): void {
  for (const node of nodes) {
    const own = renamed.get(subIdOf(node.type) ?? '')
    for (const input of bodyInputs(node.type)) {
      const named = node.inputs?.[input]
      const to = typeof named === 'string' ? renamed.get(named) : undefined
      if (to && node.inputs) node.inputs[input] = to
    }
    if (own) node.type = typeOfSubId(own)
  }
}
