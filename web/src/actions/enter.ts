/** Going into a sub-workflow and out again, and to a node wherever it is. */
import type { Viewport } from '@xyflow/react'
import { docStore } from '../document/store'
import { bodyAt, type Path, type Place, subIdOf } from '../document/subworkflows'
import type { DocNode, NodeId } from '../document/types'
import { titleOf } from '../scene/flow'
import { currentViewport, fitGraph, setViewport, showNodes } from '../scene/viewport'
import { select, ui } from '../state/ui'
import { bodyInputs, typeFor } from '../subworkflows/lookup'
import { findNode, titlesOf } from '../subworkflows/runPaths'

/** Where one looked in each body before something inside it was opened; another document has other bodies. */
const views = new Map<string, Viewport>()
let viewsOf = 0
function keepView(path: Path, view: Viewport): void {
  const { opened } = docStore.getState()
  if (opened !== viewsOf) views.clear()
  viewsOf = opened
  views.set(keyOf(path), view)
}
const keyOf = (path: Path) => path.map((place) => place.node).join('/')

/** What a node opens: the definition of an instance, or the sub-workflow that it runs. */
export function placeOf(id: NodeId): Place | null {
  const { body, doc } = docStore.getState()
  const node = body.nodes[id]
  if (!node) return null
  const own = subIdOf(node.type)
  if (own !== null) return doc.subs[own] ? { node: id, sub: own } : null
  for (const input of bodyInputs(node.type)) {
    const sub = node.inputs?.[input]
    if (typeof sub === 'string' && doc.subs[sub]) return { node: id, sub, input }
  }
  return null
}

function show(path: Path): void {
  keepView(docStore.getState().path, currentViewport())
  select([])
  ui.setState({ moving: {}, connecting: null, renaming: null, palette: null, menu: null })
  docStore.enter(path)
}

/** Open what a node stands for, or of several the one that an input names. */
export function openNode(id: NodeId, input?: string): boolean {
  const { body, doc, path } = docStore.getState()
  const named = input && body.nodes[id]?.inputs?.[input]
  const place = typeof named === 'string' && doc.subs[named] ? { node: id, sub: named, input } : placeOf(id)
  if (!place) return false
  show([...path, place as Place])
  fitGraph()
  return true
}

/** Go out to a level: 0 is the workflow itself. The node that was open is chosen there. */
export function leaveTo(level: number): void {
  const { path } = docStore.getState()
  const left = path[level]
  if (!left) return
  show(path.slice(0, level))
  const view = views.get(keyOf(path.slice(0, level)))
  if (view) setViewport(view)
  else fitGraph()
  select([left.node])
}

/** Do what may lead into another sub-workflow or out of one, as undo does, and look at what is then shown. */
export function followPath<T>(step: () => T): T {
  const { path, opened } = docStore.getState()
  const view = currentViewport()
  const result = step()
  const now = docStore.getState()
  if (keyOf(now.path) === keyOf(path) || now.opened !== opened) return result
  keepView(path, view)
  select([])
  ui.setState({ moving: {}, connecting: null, renaming: null, palette: null, menu: null })
  const known = views.get(keyOf(now.path))
  if (known) setViewport(known)
  else fitGraph()
  return result
}

/** Show a node by the path that a run names it by: `7/3` opens what node 7 stands for. */
export function goTo(runPath: string): void {
  const { doc, path } = docStore.getState()
  const found = findNode(doc, runPath, bodyInputs)
  if (!found) return
  if (keyOf(found.path) !== keyOf(path)) show(found.path)
  select([found.node])
  showNodes([found.node])
}

const titleOfDocNode = (node: DocNode) => titleOf(node, typeFor(node.type))

/** A node in words, wherever it is: "Upscale › Blur Image". */
export const titleOfPath = (runPath: string): string =>
  titlesOf(docStore.getState().doc, runPath, bodyInputs, titleOfDocNode).join(' › ')

/** A node in words for one who looks at another one: what contains both of them is left out. */
export function titleFrom(from: string, runPath: string): string {
  const words = titlesOf(docStore.getState().doc, runPath, bodyInputs, titleOfDocNode)
  const around = from.slice(0, Math.max(0, from.lastIndexOf('/')))
  if (!around || !runPath.startsWith(`${around}/`)) return words.join(' › ')
  const known = titlesOf(docStore.getState().doc, around, bodyInputs, titleOfDocNode)
  return words.slice(known.length).join(' › ') || words.join(' › ')
}

/** The title of an input of a node, wherever it is. */
export function titleOfInput(runPath: string, name: string): string {
  const node = findNode(docStore.getState().doc, runPath, bodyInputs)?.chain.at(-1)
  return typeFor(node?.type ?? '')?.inputs.find((input) => input.name === name)?.title ?? name
}

/** The titles of the nodes that lead to what is open. */
export function crumbs(path: Path): string[] {
  const { doc } = docStore.getState()
  return path.map(({ node, sub }, at) => {
    const found = bodyAt(doc, path.slice(0, at)).nodes[node]
    return found?.title || doc.subs[sub]?.title || sub
  })
}
