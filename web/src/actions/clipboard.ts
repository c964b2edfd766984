/** Copy, cut and paste. What is on the clipboard is a small workflow file, so it may be pasted anywhere. */
import { inWords } from '../api/http'
import { adoptSubs, renameUses } from '../document/adopt'
import { fragmentOf, insertFragment } from '../document/edits'
import { readDoc, writeDoc } from '../document/file'
import { shortened } from '../document/json'
import { canKeep, feedCopies, type OuterWire, outerWires } from '../document/outerWires'
import { removeInside } from '../document/ports'
import { closure, type Place, subTitle } from '../document/subworkflows'
import type { Doc, DocNode, Point, Sub } from '../document/types'
import type { Editor } from '../editor/editor'
import { NOTHING_COPIED } from '../editor/memory'
import { boundsOf } from '../scene/geometry'
import { WIDTH } from '../scene/sizes'
import { boxOf } from '../scene/viewport'
import { keysInWords } from '../state/keys'
import { pasteFiles } from './incomingFiles'

const STEP = 32

/** The sub-workflow that is open, or the workflow itself. */
const openPlace = (editor: Editor) => editor.doc.getState().path.at(-1)?.sub ?? ''

function selectedText(editor: Editor): string {
  const { selected } = editor.ui.getState()
  return selected.size ? writeDoc(selectedFragment(editor)) : ''
}

/** The selected nodes with the definitions that they need. */
function selectedFragment(editor: Editor): Doc {
  const { body, doc } = editor.doc.getState()
  const fragment = fragmentOf(body, editor.ui.getState().selected)
  const needed = closure(doc, Object.values(fragment.nodes), editor.types.bodyInputs)
  return { ...fragment, subs: Object.fromEntries([...needed].map((id) => [id, doc.subs[id] as Sub])) }
}

function remember(editor: Editor, text: string): void {
  const { body, origin } = editor.doc.getState()
  editor.memory.clipboard.copied = {
    text,
    key: origin.key,
    place: openPlace(editor),
    wires: outerWires(body, editor.ui.getState().selected),
  }
  editor.memory.clipboard.times = 0
}

function cutAway(editor: Editor): void {
  const { selected } = editor.ui.getState()
  const { path } = editor.doc.getState()
  editor.doc.commit('Cut', (_, doc) => removeInside(doc, path, selected))
  editor.ui.select([])
}

/** For menus: through the asynchronous clipboard, where the browser lets us. */
export async function copySelection(editor: Editor, cut = false): Promise<void> {
  const text = selectedText(editor)
  if (!text) return
  remember(editor, text)
  const isEverywhere = await navigator.clipboard?.writeText(text).then(
    () => true,
    () => false,
  )
  if (!isEverywhere)
    editor.ui.toast('Copied for this tab only', {
      detail: `The browser did not let the page write to the clipboard; ${keysInWords('mod+C')} may.`,
    })
  if (cut) cutAway(editor)
}

export async function pasteFromMenu(editor: Editor, withWires = false): Promise<void> {
  pasteText(
    editor,
    (await navigator.clipboard?.readText().catch(() => '')) || editor.memory.clipboard.copied.text,
    withWires,
  )
}

/** A copy beside the original, which gets what the original gets. */
export function duplicate(editor: Editor): void {
  const { selected } = editor.ui.getState()
  if (!selected.size) return
  const { body } = editor.doc.getState()
  const wires = outerWires(body, selected)
  place(editor, fragmentOf(body, selected), [STEP, STEP], 'Duplicate', wires)
  reportCutWires(editor, wires.filter((wire) => !canKeep(body, wire)).length, false)
}

/** The open sub-workflow that would contain itself with these nodes in it, by the ids that they would have here. */
function circleWith(editor: Editor, fragment: Doc): Place | undefined {
  const { doc, path } = editor.doc.getState()
  const trial: Doc = { ...doc, subs: { ...doc.subs } }
  const renamed = adoptSubs(trial, fragment.subs, editor.types.bodyInputs)
  const nodes = structuredClone(Object.values(fragment.nodes))
  renameUses(nodes, renamed, editor.types.bodyInputs)
  const used = closure(trial, nodes, editor.types.bodyInputs)
  return path.find(({ sub }) => used.has(sub))
}

/** Adds copies. They keep `wires` from other nodes where those nodes exist. Returns whether they were added. */
function place(
  editor: Editor,
  fragment: Doc,
  offset: Point,
  label: string,
  wires: readonly OuterWire[],
): boolean {
  const around = label === 'Paste' && circleWith(editor, fragment)
  if (around) {
    const title = subTitle(around.sub, editor.doc.getState().doc.subs[around.sub])
    editor.ui.toast('This cannot be pasted here', {
      detail: `“${title}” would contain itself, without end.`,
      tone: 'bad',
    })
    return false
  }
  let ids: string[] = []
  let fresh: [string, string][] = []
  editor.doc.commit(label, (body, doc) => {
    const had = new Set(Object.keys(doc.subs))
    const renamed = adoptSubs(doc, fragment.subs, editor.types.bodyInputs)
    fresh = [...renamed].filter(([, to]) => !had.has(to))
    const kept = wires.filter((wire) => canKeep(body, wire))
    const sources = kept.flatMap(({ from }) => ('node' in from ? [from.node] : []))
    ids = insertFragment(body, fragment, offset, new Set(sources))
    renameUses(
      ids.map((id) => body.nodes[id] as DocNode),
      renamed,
      editor.types.bodyInputs,
    )
    feedCopies(body, kept, new Map(fragment.order.map((id, at) => [id, ids[at] as string])))
  })
  editor.ui.select(ids)
  reportRenamed(editor, fresh, fragment)
  return true
}

/** Say under which ids sub-workflows came when their own are taken by others here. */
function reportRenamed(editor: Editor, fresh: readonly [string, string][], { subs }: Doc): void {
  if (!fresh.length) return
  const named = fresh.map(([id, to]) => `“${subTitle(id, subs[id])}” (${id}) became ${to}`)
  editor.ui.toast(
    fresh.length === 1 ? 'A sub-workflow has another id here' : 'Sub-workflows have other ids here',
    {
      detail: `${named.join(', ')}, because another one here has that id. It stays as it is.`,
    },
  )
}

/** Say that copies came without wires that their originals have. */
function reportCutWires(editor: Editor, count: number, couldKeep: boolean): void {
  if (!count) return
  editor.ui.toast(count === 1 ? 'One wire was left out' : `${count} wires were left out`, {
    detail: couldKeep
      ? `${count === 1 ? 'It comes from a node that was' : 'They come from nodes that were'} not copied. ${keysInWords('mod+shift+V')} pastes with ${count === 1 ? 'it' : 'them'}.`
      : count === 1
        ? 'The node that it comes from is not here.'
        : 'The nodes that they come from are not here.',
  })
}

/** The nodes in a text, or null after saying why there are none. */
function nodesIn(editor: Editor, text: string): Doc | null {
  let fragment: Doc
  try {
    fragment = readDoc(text)
  } catch (error) {
    // a text that is no workflow at all is not a damaged workflow
    const { message, remedy } = inWords(error)
    if (/^[\s\ufeff]*\{/.test(text))
      editor.ui.toast('This cannot be pasted', { detail: `${message} ${remedy}`, tone: 'bad' })
    else editor.ui.toast('There is nothing to paste', { detail: 'Copy nodes first.' })
    return null
  }
  if (!fragment.order.length)
    editor.ui.toast('There is nothing to paste', { detail: 'What was copied holds no nodes.' })
  return fragment.order.length ? fragment : null
}

/** What a whole workflow has beside its nodes does not come along. */
function reportLeftOut(editor: Editor, { title, description, rest }: Doc): void {
  const left = [...(title ? ['title'] : []), ...(description ? ['description'] : []), ...Object.keys(rest)]
  if (left.length)
    editor.ui.toast('Only the nodes were pasted', {
      detail: `Left out: ${left.map((key) => shortened(key)).join(', ')}. Save the text as a file and drop it here to open the whole workflow.`,
    })
}

/** Insert a copied fragment: beside its original where that is in sight, else in the middle. */
function pasteText(editor: Editor, text: string, withWires: boolean): void {
  const fragment = nodesIn(editor, text)
  if (!fragment) return
  // in the document that they were copied from, they go on using what they used, as it is by now
  const { doc, body, origin } = editor.doc.getState()
  const { clipboard } = editor.memory
  const { copied } = clipboard
  const isOwn = text === copied.text && origin.key === copied.key
  if (isOwn) fragment.subs = Object.fromEntries(Object.entries(fragment.subs).filter(([id]) => !doc.subs[id]))
  else if (text !== copied.text) {
    clipboard.copied = { ...NOTHING_COPIED, text }
    clipboard.times = 0
  }
  clipboard.times += 1
  const positions = fragment.order.map((id) => fragment.nodes[id]?.position ?? ([0, 0] as Point))
  const box = boundsOf(positions.map(([x, y]) => ({ x, y, width: WIDTH, height: 200 })))
  const here = editor.flow
    .getState()
    .nodes.filter((node) => node.type === 'op')
    .map(boxOf)
  const beside = box && here.some((node) => Math.abs(node.x - box.x) < 8 && Math.abs(node.y - box.y) < 8)
  const [x, y] = editor.view.middle()
  const offset: Point =
    beside || !box
      ? [STEP * clipboard.times, STEP * clipboard.times]
      : [x - box.x - box.width / 2, y - box.y - box.height / 2]
  const isSamePlace = isOwn && copied.place === openPlace(editor)
  const outer = isSamePlace ? copied.wires : outerWires(fragment, new Set(fragment.order))
  const keepable = isSamePlace ? outer.filter((wire) => canKeep(body, wire)) : []
  if (!place(editor, fragment, offset, 'Paste', withWires ? keepable : [])) return
  reportCutWires(editor, outer.length - (withWires ? keepable.length : 0), !withWires && keepable.length > 0)
  reportLeftOut(editor, fragment)
}

const inField = (target: EventTarget | null) =>
  target instanceof Element &&
  target.closest('input:not([type=file]), textarea, select, dialog, [contenteditable]') !== null

/** The keys work through the browser's own events, which need no permission. */
export function listenClipboard(editor: Editor): void {
  const onCopy = (event: ClipboardEvent) => {
    if (inField(event.target) || window.getSelection()?.toString()) return
    const text = selectedText(editor)
    if (!text || !event.clipboardData) return
    event.clipboardData.setData('text/plain', text)
    event.preventDefault()
    remember(editor, text)
    if (event.type === 'cut') cutAway(editor)
  }
  document.addEventListener('copy', onCopy)
  document.addEventListener('cut', onCopy)
  addEventListener('keydown', (event) => {
    // a paste with shift keeps wires; the event of the browser does not have that
    editor.memory.clipboard.shift = event.shiftKey
  })
  document.addEventListener('paste', (event) => {
    const files = [...(event.clipboardData?.files ?? [])]
    if (files.length && !(event.target instanceof Element && event.target.closest('dialog'))) {
      event.preventDefault()
      void pasteFiles(editor, files, editor.view.middle())
    } else if (!inField(event.target)) {
      const text = event.clipboardData?.getData('text/plain') ?? ''
      if (text.trim()) {
        event.preventDefault()
        pasteText(editor, text, editor.memory.clipboard.shift)
      }
    }
  })
}
