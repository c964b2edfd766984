/** Copy, cut and paste. What is on the clipboard is a small workflow file, so it may be pasted anywhere. */
import { select, toast, ui } from '../app/ui'
import { adoptSubs, renameUses } from '../doc/adopt'
import { fragmentOf, insertFragment } from '../doc/edits'
import { readDoc, writeDoc } from '../doc/file'
import { removeInside } from '../doc/ports'
import { docStore } from '../doc/store'
import { closure, type Place, subTitle } from '../doc/subs'
import type { Doc, DocNode, Point, Sub } from '../doc/types'
import { flowStore } from '../graph/flow'
import { boundsOf, WIDTH } from '../graph/geometry'
import { boxOf, middle } from '../graph/viewport'
import { bodyInputs } from '../subs/lookup'
import { takeFile } from './open'

const STEP = 32
let lastText = ''
/** The document that `lastText` was copied from in this tab. */
let lastKey = ''
let times = 0

function selectedText(): string {
  const { selected } = ui.getState()
  return selected.size ? writeDoc(selectedFragment()) : ''
}

/** The selected nodes with the definitions that they need. */
function selectedFragment(): Doc {
  const { body, doc } = docStore.getState()
  const fragment = fragmentOf(body, ui.getState().selected)
  const needed = closure(doc, Object.values(fragment.nodes), bodyInputs)
  return { ...fragment, subs: Object.fromEntries([...needed].map((id) => [id, doc.subs[id] as Sub])) }
}

function remember(text: string): void {
  lastText = text
  lastKey = docStore.getState().origin.key
  times = 0
}

function cutAway(): void {
  const { selected } = ui.getState()
  const { path } = docStore.getState()
  docStore.commit('Cut', (_, doc) => removeInside(doc, path, selected))
  select([])
}

/** For menus: through the asynchronous clipboard, where the browser lets us. */
export async function copySelection(cut = false): Promise<void> {
  const text = selectedText()
  if (!text) return
  remember(text)
  await navigator.clipboard?.writeText(text).catch(() => undefined)
  if (cut) cutAway()
}

export async function pasteFromMenu(): Promise<void> {
  const text = (await navigator.clipboard?.readText().catch(() => '')) || lastText
  if (!pasteText(text)) toast('There is nothing to paste', { detail: 'Copy nodes first.' })
}

export function duplicate(): void {
  const { selected } = ui.getState()
  if (!selected.size) return
  place(fragmentOf(docStore.getState().body, selected), [STEP, STEP], 'Duplicate')
}

/** The open sub-workflow that would contain itself with these nodes in it, by the ids that they would have here. */
function circleWith(fragment: Doc): Place | undefined {
  const { doc, path } = docStore.getState()
  const trial: Doc = { ...doc, subs: { ...doc.subs } }
  const renamed = adoptSubs(trial, fragment.subs, bodyInputs)
  const nodes = structuredClone(Object.values(fragment.nodes))
  renameUses(nodes, renamed, bodyInputs)
  const used = closure(trial, nodes, bodyInputs)
  return path.find(({ sub }) => used.has(sub))
}

function place(fragment: Doc, offset: Point, label: string): void {
  const around = label === 'Paste' && circleWith(fragment)
  if (around) {
    const title = subTitle(around.sub, docStore.getState().doc.subs[around.sub])
    toast('This cannot be pasted here', {
      detail: `“${title}” would contain itself, without end.`,
      tone: 'bad',
    })
    return
  }
  let ids: string[] = []
  docStore.commit(label, (body, doc) => {
    const renamed = adoptSubs(doc, fragment.subs, bodyInputs)
    ids = insertFragment(body, fragment, offset)
    renameUses(
      ids.map((id) => body.nodes[id] as DocNode),
      renamed,
      bodyInputs,
    )
  })
  select(ids)
}

/** Insert a copied fragment: beside its original where that is in sight, else in the middle. */
function pasteText(text: string): boolean {
  let fragment: Doc
  try {
    fragment = readDoc(text)
  } catch {
    return false
  }
  if (!fragment.order.length) return false
  // in the document that they were copied from, they go on using what they used, as it is by now
  const { doc, origin } = docStore.getState()
  if (text === lastText && origin.key === lastKey)
    fragment.subs = Object.fromEntries(Object.entries(fragment.subs).filter(([id]) => !doc.subs[id]))
  else if (text !== lastText) lastKey = ''
  times = text === lastText ? times + 1 : 1
  lastText = text
  const positions = fragment.order.map((id) => fragment.nodes[id]?.position ?? ([0, 0] as Point))
  const box = boundsOf(positions.map(([x, y]) => ({ x, y, width: WIDTH, height: 200 })))
  const here = flowStore
    .getState()
    .nodes.filter((node) => node.type === 'op')
    .map(boxOf)
  const beside = box && here.some((node) => Math.abs(node.x - box.x) < 8 && Math.abs(node.y - box.y) < 8)
  const [x, y] = middle()
  const offset: Point =
    beside || !box ? [STEP * times, STEP * times] : [x - box.x - box.width / 2, y - box.y - box.height / 2]
  place(fragment, offset, 'Paste')
  return true
}

const inField = (target: EventTarget | null) =>
  target instanceof Element &&
  target.closest('input:not([type=file]), textarea, select, dialog, [contenteditable]') !== null

/** The keys work through the browser's own events, which need no permission. */
export function listenClipboard(): void {
  const onCopy = (event: ClipboardEvent) => {
    if (inField(event.target) || window.getSelection()?.toString()) return
    const text = selectedText()
    if (!text || !event.clipboardData) return
    event.clipboardData.setData('text/plain', text)
    event.preventDefault()
    remember(text)
    if (event.type === 'cut') cutAway()
  }
  document.addEventListener('copy', onCopy)
  document.addEventListener('cut', onCopy)
  document.addEventListener('paste', (event) => {
    const file = event.clipboardData?.files[0]
    if (file && !(event.target instanceof Element && event.target.closest('dialog'))) {
      event.preventDefault()
      void takeFile(file, middle(), undefined)
    } else if (!inField(event.target)) {
      const text = event.clipboardData?.getData('text/plain') ?? ''
      if (pasteText(text)) event.preventDefault()
    }
  })
}
