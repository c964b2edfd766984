/** Between places in the document and paths of a run: `7/3` is node 3 inside instance 7, `9/item0/3` lies in a loop. */
import { type BodyInputs, bodyAt, type Path, type Place, subIdOf, subTitle } from '../document/subworkflows'
import type { Doc, DocNode, NodeId, Sub, SubId } from '../document/types'

/**
 * The prefix of the run paths of the nodes in an open sub-workflow; of a loop it is the round that was touched last.
 * `latestOf` gives, for a run path, the part below it that was touched last.
 */
export function scopeOf(doc: Doc, path: Path, latestOf: (runPath: string) => string | undefined): string {
  let scope = ''
  for (const { node, sub, input } of path) {
    scope += `${node}/`
    if (!input) continue
    // a round lies right inside its node, or - of one that goes on after another - some levels below
    for (let more = true; more; ) {
      const below = latestOf(scope.slice(0, -1)) || '?'
      scope += `${below}/`
      const next = latestOf(scope.slice(0, -1))
      more = Boolean(next && !doc.subs[sub]?.nodes[next])
    }
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
    const found = rest > 0 ? placeOf(doc, id, node, parts.slice(at + 1), bodyInputs) : null
    if (!found) return { path, node: id, chain }
    path.push(found.place)
    at += found.levels
    if (at >= parts.length) return { path: path.slice(0, -1), node: id, chain }
  }
}

function placeOf(
  doc: Doc,
  id: NodeId,
  node: DocNode,
  below: readonly string[],
  bodyInputs: BodyInputs,
): { place: Place; levels: number } | null {
  const own = subIdOf(node.type)
  if (own !== null) return doc.subs[own] ? { place: { node: id, sub: own }, levels: 1 } : null
  for (const input of bodyInputs(node.type)) {
    const sub = node.inputs?.[input]
    const levels = typeof sub === 'string' ? levelsOfRound(doc.subs[sub], below) : 0
    if (levels) return { place: { node: id, sub: sub as SubId, input }, levels: levels + 1 }
  }
  return null
}

/** How many parts of a path name the round of a loop before a node of its sub-workflow comes. */
function levelsOfRound(sub: Sub | undefined, below: readonly string[]): number {
  for (let at = 1; sub && at < below.length; at++) if (sub.nodes[below[at] as string]) return at
  return 0
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
