/** Sub-workflows of a document: paths, bodies, contents, users. */
import { MOST_SHOWN, shortened } from './json'
import type { Body, Doc, DocNode, NodeId, Sub, SubId } from './types'

/** One step into a document: the node that was opened, the definition that it leads to, and by which input. */
export interface Place {
  node: NodeId
  sub: SubId
  /** For nodes that run a sub-workflow of their choice: the input that names it. */
  input?: string
}
export type Path = readonly Place[]

/** Which inputs of a node type hold the id of a sub-workflow; that does not follow from the document. */
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

/** The title of a sub-workflow as it is shown, shortened. To edit it, use the whole title. */
export const subTitle = (id: SubId, sub: Sub | undefined) => shortened(sub?.title || id, MOST_SHOWN)

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
