/**
 * Workflows on the server. A saved one is written again a moment after each edit, but never over what someone else
 * saved meanwhile: the server compares ETags, and a conflict asks what to do.
 */
import { createStore } from 'zustand/vanilla'
import { ApiFailure, bytesOf, http, inWords, pathOf } from '../api/http'
import type { SavedWorkflow } from '../api/types'
import type { LeftOut } from '../catalogue/store'
import { readDoc, writeDoc } from '../document/file'
import { docStore } from '../document/store'
import { toast, ui } from '../state/ui'
import { filing, writeSession } from './session'

export type SaveState = 'unsaved' | 'saved' | 'waiting' | 'saving' | 'failed' | 'conflict'

export const saveStore = createStore<{ state: SaveState }>(() => ({ state: 'unsaved' }))
const put = (state: SaveState) => saveStore.setState({ state })

const QUIET_MS = 2500
let timer = 0
let busy = false
let again = false

/** How each document of this page stands to its file, by its key, for when undo comes back to it. */
const filings = new Map<string, typeof filing>()
const noteFiling = () => filings.set(docStore.getState().origin.key, { ...filing })

const urlOf = (path: string) => `/workflows/${pathOf(path)}`

/** Write the document to its path. `over` writes over what others saved. Returns whether it is saved. */
export async function save(over = false): Promise<boolean> {
  const { doc, origin } = docStore.getState()
  if (!origin.path) return false
  clearTimeout(timer)
  if (busy) {
    again = true
    return false
  }
  busy = true
  put('saving')
  try {
    const headers: Record<string, string> = over
      ? {}
      : filing.etag
        ? { 'If-Match': filing.etag }
        : { 'If-None-Match': '*' }
    const answer = await http.put(urlOf(origin.path), writeDoc(doc), headers)
    const { etag } = (await answer.json()) as { etag: string }
    if (docStore.getState().origin.key !== origin.key) {
      // another document was opened meanwhile; undo may come back to this one
      filings.set(origin.key, { ...(filings.get(origin.key) ?? filing), etag })
      return true
    }
    filing.etag = etag
    filing.unsaved = docStore.getState().doc !== doc
    put(filing.unsaved ? 'waiting' : 'saved')
    writeSession()
    noteFiling()
    return true
  } catch (error) {
    if (error instanceof ApiFailure && error.status === 412) {
      put('conflict')
      ui.setState({ dialog: 'conflict' })
    } else {
      put('failed')
      toast('The workflow could not be saved', {
        detail: `${inWords(error).message} It is kept in this browser.`,
        tone: 'bad',
      })
    }
    return false
  } finally {
    busy = false
    if (again) {
      again = false
      soon()
    }
  }
}

/** Save under a new path. */
export async function saveAs(path: string, over: boolean): Promise<boolean> {
  const before = { path: docStore.getState().origin.path, etag: filing.etag }
  filing.etag = ''
  docStore.setPath(path)
  const saved = await save(over)
  if (!saved && saveStore.getState().state !== 'conflict') {
    filing.etag = before.etag
    docStore.setPath(before.path)
  }
  return saved
}

function soon(): void {
  clearTimeout(timer)
  timer = window.setTimeout(() => void save(), QUIET_MS)
}

/** Save saved workflows again after edits by hand; a run that draws a seed is no edit. */
export function keepSaved(): void {
  put(docStore.getState().origin.path ? (filing.unsaved ? 'waiting' : 'saved') : 'unsaved')
  if (filing.unsaved && docStore.getState().origin.path) soon()
  noteFiling()
  docStore.subscribe((now, before) => {
    if (now.origin.key !== before.origin.key) Object.assign(filing, filings.get(now.origin.key))
    else if (now.edits !== before.edits) filing.unsaved = true
    noteFiling()
    if (!now.origin.path) return put('unsaved')
    if (now.opened !== before.opened && !filing.unsaved) return put('saved')
    const edited = now.edits !== before.edits && now.opened === before.opened
    const back = now.opened !== before.opened
    if (!(edited || back) || (edited && saveStore.getState().state === 'conflict')) return
    put('waiting')
    soon()
  })
}

/** What is saved, and what lies there and cannot be opened. */
export async function listSaved(): Promise<{ workflows: SavedWorkflow[]; left_out: LeftOut[] }> {
  return await http.json('/workflows')
}

export async function openSaved(path: string): Promise<void> {
  if (filing.unsaved && docStore.getState().origin.path) await save()
  const answer = await http.get(urlOf(path))
  const doc = readDoc(await bytesOf(answer))
  filing.etag = answer.headers.get('ETag') ?? ''
  filing.unsaved = false
  docStore.open(doc, path, 'Open a workflow')
  put('saved')
}

/** Settle a conflict: take the other version, after keeping mine as a copy in the history. */
export async function takeTheirs(): Promise<void> {
  const before = filing.unsaved
  filing.unsaved = false
  try {
    await openSaved(docStore.getState().origin.path)
  } catch (error) {
    filing.unsaved = before
    throw error
  }
}
