/** Between places in the document and paths of a run: `7/3` is node 3 inside instance 7, `9/item0/3` lies in a loop. */
import { type BodyInputs, bodyAt, type Path, type Place, subIdOf, subTitle } from '../doc/subs'
import type { Doc, DocNode, NodeId, SubId } from '../doc/types'
import type { Group } from '../run/states'

/** What stands before the ids of the nodes of an open sub-workflow; of a loop it is the round that was touched last. */
export function scopeOf(path: Path, groups: Readonly<Record<string, Group>>): string {
  let scope = ''
  for (const { node, input } of path) {
    scope += `${node}/`
    if (input) scope += `${groups[scope.slice(0, -1)]?.latest ?? '?'}/`
  }
  return scope
}

export interface Found {
  path: Path
  node: NodeId
  /** The nodes that were passed, from the outside in. */
  chain: readonly DocNode[]
}

/** Where the node of a run's path stands in the document; as near as the document has it. */
export function findNode(doc: Doc, runPath: string, bodyInputs: BodyInputs): Found | null {
  const parts = runPath.split('/')
  const path: Place[] = []
  const chain: DocNode[] = []
  if (parts[0]?.startsWith('@')) {
    const way = wayTo(doc, parts[0].slice(1), bodyInputs)
    if (!way) return null
    path.push(...way)
    parts.shift()
  }
  for (let at = 0; ; ) {
    const body = bodyAt(doc, path)
    const id = parts[at] as string
    const node = body.nodes[id]
    if (!node)
      return path.length ? { path: path.slice(0, -1), node: path.at(-1)?.node as string, chain } : null
    chain.push(node)
    const rest = parts.length - at - 1
    const place = rest > 0 ? placeOf(doc, id, node, parts.slice(at + 1), bodyInputs) : null
    if (!place) return { path, node: id, chain }
    path.push(place)
    at += place.input ? 2 : 1
    if (at >= parts.length) return { path: path.slice(0, -1), node: id, chain }
  }
}

function placeOf(
  doc: Doc,
  id: NodeId,
  node: DocNode,
  below: readonly string[],
  bodyInputs: BodyInputs,
): Place | null {
  const own = subIdOf(node.type)
  if (own !== null) return doc.subs[own] ? { node: id, sub: own } : null
  for (const input of bodyInputs(node.type)) {
    const sub = node.inputs?.[input]
    if (typeof sub === 'string' && doc.subs[sub]?.nodes[below[1] ?? '']) return { node: id, sub, input }
  }
  return null
}

/** The nodes to open, one inside the other, to see a definition. */
export function wayTo(doc: Doc, wanted: SubId, bodyInputs: BodyInputs): Path | null {
  const seen = new Set<SubId>()
  const pending: Path[] = [[]]
  for (let path = pending.shift(); path; path = pending.shift()) {
    for (const [node, { type, inputs }] of Object.entries(bodyAt(doc, path).nodes)) {
      const own = subIdOf(type)
      const places: Place[] = own === null ? [] : [{ node, sub: own }]
      for (const input of bodyInputs(type)) places.push({ node, sub: String(inputs?.[input] ?? ''), input })
      for (const place of places) {
        if (!doc.subs[place.sub] || seen.has(place.sub)) continue
        if (place.sub === wanted) return [...path, place]
        seen.add(place.sub)
        pending.push([...path, place])
      }
    }
  }
  return null
}

/** The titles of the nodes on a run's path. */
export function titlesOf(
  doc: Doc,
  runPath: string,
  bodyInputs: BodyInputs,
  titleOf: (node: DocNode) => string,
): string[] {
  const found = findNode(doc, runPath, bodyInputs)
  if (!found) return [runPath]
  return found.chain.map((node) => {
    const sub = subIdOf(node.type)
    return sub !== null && !node.title && doc.subs[sub] ? subTitle(sub, doc.subs[sub]) : titleOf(node)
  })
}
