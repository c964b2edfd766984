/** Copy, cut and paste. What is on the clipboard is a small workflow file, so it may be pasted anywhere. */
import { inWords } from '../api/http'
import { adoptSubs, renameUses } from '../document/adopt'
import { fragmentOf, insertFragment } from '../document/edits'
import { readDoc, writeDoc } from '../document/file'
import { shortened } from '../document/json'
import { canKeep, feedCopies, type OuterWire, outerWires } from '../document/outerWires'
import { removeInside } from '../document/ports'
import { docStore } from '../document/store'
import { closure, type Place, subTitle } from '../document/subworkflows'
import type { Doc, DocNode, Point, Sub } from '../document/types'
import { flowStore } from '../scene/flow'
import { boundsOf, WIDTH } from '../scene/geometry'
import { boxOf, middle } from '../scene/viewport'
import { keysInWords } from '../state/keys'
import { select, toast, ui } from '../state/ui'
import { bodyInputs } from '../subworkflows/lookup'
import { pasteFiles } from './incomingFiles'

const STEP = 32
/** What was copied in this tab, and from where: its text, the document, the body in it, and the wires from other nodes. */
interface Copied {
  text: string
  key: string
  place: string
  wires: readonly OuterWire[]
}
let copied: Copied = { text: '', key: '', place: '', wires: [] }
let times = 0

/** The sub-workflow that is open, or the workflow itself. */
const openPlace = () => docStore.getState().path.at(-1)?.sub ?? ''

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
  const { body, origin } = docStore.getState()
  copied = { text, key: origin.key, place: openPlace(), wires: outerWires(body, ui.getState().selected) }
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
  const isEverywhere = await navigator.clipboard?.writeText(text).then(
    () => true,
    () => false,
  )
  if (!isEverywhere)
    toast('Copied for this tab only', {
      detail: `The browser did not let the page write to the clipboard; ${keysInWords('mod+C')} may.`,
    })
  if (cut) cutAway()
}

export async function pasteFromMenu(withWires = false): Promise<void> {
  pasteText((await navigator.clipboard?.readText().catch(() => '')) || copied.text, withWires)
}

/** A copy beside the original, which gets what the original gets. */
export function duplicate(): void {
  const { selected } = ui.getState()
  if (!selected.size) return
  const { body } = docStore.getState()
  const wires = outerWires(body, selected)
  place(fragmentOf(body, selected), [STEP, STEP], 'Duplicate', wires)
  tellCut(wires.filter((wire) => !canKeep(body, wire)).length, false)
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

/** Add copies. `wires` are those from other nodes that they keep, as far as these are here. Answers whether they came. */
function place(fragment: Doc, offset: Point, label: string, wires: readonly OuterWire[]): boolean {
  const around = label === 'Paste' && circleWith(fragment)
  if (around) {
    const title = subTitle(around.sub, docStore.getState().doc.subs[around.sub])
    toast('This cannot be pasted here', {
      detail: `“${title}” would contain itself, without end.`,
      tone: 'bad',
    })
    return false
  }
  let ids: string[] = []
  let fresh: [string, string][] = []
  docStore.commit(label, (body, doc) => {
    const had = new Set(Object.keys(doc.subs))
    const renamed = adoptSubs(doc, fragment.subs, bodyInputs)
    fresh = [...renamed].filter(([, to]) => !had.has(to))
    const kept = wires.filter((wire) => canKeep(body, wire))
    const sources = kept.flatMap(({ from }) => ('node' in from ? [from.node] : []))
    ids = insertFragment(body, fragment, offset, new Set(sources))
    renameUses(
      ids.map((id) => body.nodes[id] as DocNode),
      renamed,
      bodyInputs,
    )
    feedCopies(body, kept, new Map(fragment.order.map((id, at) => [id, ids[at] as string])))
  })
  select(ids)
  tellRenamed(fresh, fragment)
  return true
}

/** Say under which ids sub-workflows came when their own are taken by others here. */
function tellRenamed(fresh: readonly [string, string][], { subs }: Doc): void {
  if (!fresh.length) return
  const named = fresh.map(([id, to]) => `“${subTitle(id, subs[id])}” (${id}) became ${to}`)
  toast(fresh.length === 1 ? 'A sub-workflow has another id here' : 'Sub-workflows have other ids here', {
    detail: `${named.join(', ')}, because another one here has that id. It stays as it is.`,
  })
}

/** Say that copies came without wires that their originals have. */
function tellCut(count: number, couldKeep: boolean): void {
  if (!count) return
  toast(count === 1 ? 'One wire was left out' : `${count} wires were left out`, {
    detail: couldKeep
      ? `${count === 1 ? 'It comes from a node that was' : 'They come from nodes that were'} not copied. ${keysInWords('mod+shift+V')} pastes with ${count === 1 ? 'it' : 'them'}.`
      : count === 1
        ? 'The node that it comes from is not here.'
        : 'The nodes that they come from are not here.',
  })
}

/** The nodes in a text, or null after saying why there are none. */
function nodesIn(text: string): Doc | null {
  let fragment: Doc
  try {
    fragment = readDoc(text)
  } catch (error) {
    // a text that has nothing to do with workflows is no damaged one
    const { message, remedy } = inWords(error)
    if (/^[\s\ufeff]*\{/.test(text))
      toast('This cannot be pasted', { detail: `${message} ${remedy}`, tone: 'bad' })
    else toast('There is nothing to paste', { detail: 'Copy nodes first.' })
    return null
  }
  if (!fragment.order.length)
    toast('There is nothing to paste', { detail: 'What was copied holds no nodes.' })
  return fragment.order.length ? fragment : null
}

/** What a whole workflow has beside its nodes does not come along. */
function tellRest({ title, description, rest }: Doc): void {
  const left = [...(title ? ['title'] : []), ...(description ? ['description'] : []), ...Object.keys(rest)]
  if (left.length)
    toast('Only the nodes were pasted', {
      detail: `Left out: ${left.map((key) => shortened(key)).join(', ')}. Save the text as a file and drop it here to open the whole workflow.`,
    })
}

/** Insert a copied fragment: beside its original where that is in sight, else in the middle. */
function pasteText(text: string, withWires: boolean): void {
  const fragment = nodesIn(text)
  if (!fragment) return
  // in the document that they were copied from, they go on using what they used, as it is by now
  const { doc, body, origin } = docStore.getState()
  const isOwn = text === copied.text && origin.key === copied.key
  if (isOwn) fragment.subs = Object.fromEntries(Object.entries(fragment.subs).filter(([id]) => !doc.subs[id]))
  else if (text !== copied.text) {
    copied = { text, key: '', place: '', wires: [] }
    times = 0
  }
  times += 1
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
  const isSamePlace = isOwn && copied.place === openPlace()
  const outer = isSamePlace ? copied.wires : outerWires(fragment, new Set(fragment.order))
  const keepable = isSamePlace ? outer.filter((wire) => canKeep(body, wire)) : []
  if (!place(fragment, offset, 'Paste', withWires ? keepable : [])) return
  tellCut(outer.length - (withWires ? keepable.length : 0), !withWires && keepable.length > 0)
  tellRest(fragment)
}

const inField = (target: EventTarget | null) =>
  target instanceof Element &&
  target.closest('input:not([type=file]), textarea, select, dialog, [contenteditable]') !== null

/** Whether the paste that comes next was asked for with its wires; the event of the browser does not tell. */
let shiftIsDown = false

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
  addEventListener('keydown', (event) => {
    shiftIsDown = event.shiftKey
  })
  document.addEventListener('paste', (event) => {
    const files = [...(event.clipboardData?.files ?? [])]
    if (files.length && !(event.target instanceof Element && event.target.closest('dialog'))) {
      event.preventDefault()
      void pasteFiles(files, middle())
    } else if (!inField(event.target)) {
      const text = event.clipboardData?.getData('text/plain') ?? ''
      if (text.trim()) {
        event.preventDefault()
        pasteText(text, shiftIsDown)
      }
    }
  })
}
