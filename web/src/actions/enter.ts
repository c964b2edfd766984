/** Going into a sub-workflow and out again, and to a node wherever it is. */
import type { Viewport } from '@xyflow/react'
import { bodyAt, type Path, type Place, subIdOf } from '../document/subworkflows'
import type { DocNode, NodeId } from '../document/types'
import type { Editor } from '../editor/editor'
import { titleOf } from '../scene/flowNodes'
import { findNode, titlesOf } from '../subworkflows/runPaths'

function keepView({ doc, memory: { views } }: Editor, path: Path, view: Viewport): void {
  const { opened } = doc.getState()
  if (opened !== views.of) views.byPath.clear()
  views.of = opened
  views.byPath.set(keyOf(path), view)
}

const keyOf = (path: Path) => path.map((place) => place.node).join('/')

/** What a node opens: the definition of an instance, or the sub-workflow that it runs. */
export function placeOf(editor: Editor, id: NodeId): Place | null {
  const { body, doc } = editor.doc.getState()
  const node = body.nodes[id]
  if (!node) return null
  const own = subIdOf(node.type)
  if (own !== null) return doc.subs[own] ? { node: id, sub: own } : null
  for (const input of editor.types.bodyInputs(node.type)) {
    const sub = node.inputs?.[input]
    if (typeof sub === 'string' && doc.subs[sub]) return { node: id, sub, input }
  }
  return null
}

function show(editor: Editor, path: Path): void {
  keepView(editor, editor.doc.getState().path, editor.view.currentViewport())
  editor.ui.select([])
  editor.ui.setState({ moving: {}, connecting: null, renaming: null, palette: null, menu: null })
  editor.doc.enter(path)
}

/** Opens the sub-workflow of a node; of a node with several, the one that `input` names. */
export function openNode(editor: Editor, id: NodeId, input?: string): boolean {
  const { body, doc, path } = editor.doc.getState()
  const named = input && body.nodes[id]?.inputs?.[input]
  const place =
    typeof named === 'string' && doc.subs[named] ? { node: id, sub: named, input } : placeOf(editor, id)
  if (!place) return false
  show(editor, [...path, place as Place])
  editor.view.fitGraph()
  return true
}

/** Go out to a level: 0 is the workflow itself. The node that was open is chosen there. */
export function leaveTo(editor: Editor, level: number): void {
  const { path } = editor.doc.getState()
  const left = path[level]
  if (!left) return
  show(editor, path.slice(0, level))
  const view = editor.memory.views.byPath.get(keyOf(path.slice(0, level)))
  if (view) editor.view.setViewport(view)
  else editor.view.fitGraph()
  editor.ui.select([left.node])
}

/** Does a step that may change which sub-workflow is open, as undo may, and restores the viewport of what is then shown. */
export function followPath<T>(editor: Editor, step: () => T): T {
  const { path, opened } = editor.doc.getState()
  const view = editor.view.currentViewport()
  const result = step()
  const now = editor.doc.getState()
  if (keyOf(now.path) === keyOf(path) || now.opened !== opened) return result
  keepView(editor, path, view)
  editor.ui.select([])
  editor.ui.setState({ moving: {}, connecting: null, renaming: null, palette: null, menu: null })
  const known = editor.memory.views.byPath.get(keyOf(now.path))
  if (known) editor.view.setViewport(known)
  else editor.view.fitGraph()
  return result
}

/** Show a node by the path that a run names it by: `7/3` opens what node 7 stands for. */
export function goTo(editor: Editor, runPath: string): void {
  const { doc, path } = editor.doc.getState()
  const found = findNode(doc, runPath, editor.types.bodyInputs)
  if (!found) return
  if (keyOf(found.path) !== keyOf(path)) show(editor, found.path)
  editor.ui.select([found.node])
  editor.view.showNodes([found.node])
}

/** The titles of the nodes on a run's path. */
function titlesAt({ doc, types }: Editor, runPath: string): string[] {
  const titleOfDocNode = (node: DocNode) => titleOf(node, types.typeFor(node.type))
  return titlesOf(doc.getState().doc, runPath, types.bodyInputs, titleOfDocNode)
}

/** A node in words, wherever it is: "Upscale › Blur Image". */
export const titleOfPath = (editor: Editor, runPath: string): string => titlesAt(editor, runPath).join(' › ')

/** The titles of a node relative to another one: those of the nodes that contain both are left out. */
export function titleFrom(editor: Editor, from: string, runPath: string): string {
  const words = titlesAt(editor, runPath)
  const around = from.slice(0, Math.max(0, from.lastIndexOf('/')))
  if (!around || !runPath.startsWith(`${around}/`)) return words.join(' › ')
  const known = titlesAt(editor, around)
  return words.slice(known.length).join(' › ') || words.join(' › ')
}

/** The title of an input of a node, wherever it is. */
export function titleOfInput(editor: Editor, runPath: string, name: string): string {
  const node = findNode(editor.doc.getState().doc, runPath, editor.types.bodyInputs)?.chain.at(-1)
  return editor.types.typeFor(node?.type ?? '')?.inputs.find((input) => input.name === name)?.title ?? name
}

/** The titles of the nodes that lead to what is open. */
export function crumbs(editor: Editor, path: Path): string[] {
  const { doc } = editor.doc.getState()
  return path.map(({ node, sub }, at) => {
    const found = bodyAt(doc, path.slice(0, at)).nodes[node]
    return found?.title || doc.subs[sub]?.title || sub
  })
}
