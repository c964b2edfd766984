/** Definitions that come along with copies from elsewhere: used again, or taken over under an id that is free. */
import { subToJson } from './file'
import { writeJson } from './json'
import { type BodyInputs, freeSubId, subIdOf, subsOfNode, typeOfSubId } from './subworkflows'
import type { Doc, DocNode, Sub, SubId } from './types'

const NONE: BodyInputs = () => []

const textOf = (sub: Sub | undefined) =>
  sub ? writeJson(subToJson(sub), 0, (value) => Object.keys(value).sort()) : ''

/**
 * Take over definitions from a fragment. One that is here already, the same in every word, is used again; one of the
 * same id with other content comes under another id, once. Returns the ids that changed.
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
      const taken = Object.fromEntries([...renamed.values()].map((to) => [to, sub]))
      renamed.set(id, freeSubId({ subs: { ...doc.subs, ...subs, ...taken } }, id))
      more = true
    }
  }
  const renewed = (sub: Sub) => {
    const copy = structuredClone(sub)
    renameUses(Object.values(copy.nodes), renamed, bodyInputs)
    return copy
  }
  // what came under another id before is used again, too: from the inside out, as it names what is inside
  for (let more = true; more; ) {
    more = false
    for (const [id, to] of renamed) {
      if (doc.subs[to]) continue
      const text = textOf(renewed(subs[id] as Sub))
      const known = Object.keys(doc.subs).find((other) => textOf(doc.subs[other]) === text)
      if (known) renamed.set(id, known)
      more ||= known !== undefined
    }
  }
  for (const [id, sub] of Object.entries(subs)) {
    const to = renamed.get(id) ?? id
    if (!doc.subs[to]) doc.subs[to] = renewed(sub)
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
