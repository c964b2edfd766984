/**
 * Workflows on the server. A saved one is written again a moment after each edit, but never over what someone else
 * saved meanwhile: the server compares ETags, and a conflict asks what to do.
 */
import { ApiFailure, bytesOf, inWords, pathOf } from '../api/http'
import type { LeftOut, SavedWorkflow } from '../api/types'
import { readDoc, writeDoc } from '../document/file'
import type { Editor, SaveState } from '../editor/editor'
import { writeSession } from './session'

const put = (editor: Editor, state: SaveState) => editor.saving.setState({ state })

const QUIET_MS = 2500

function noteFiling({ doc, memory }: Editor): void {
  memory.filings.set(doc.getState().origin.key, { ...memory.filing })
}

const urlOf = (path: string) => `/workflows/${pathOf(path)}`

/** Write the document to its path. `over` writes over what others saved. Returns whether it is saved. */
export async function save(editor: Editor, over = false): Promise<boolean> {
  const { doc, origin } = editor.doc.getState()
  if (!origin.path) return false
  const { filing, filings, saving } = editor.memory
  clearTimeout(saving.timer)
  if (saving.busy) {
    saving.again = true
    return false
  }
  saving.busy = true
  put(editor, 'saving')
  try {
    const headers: Record<string, string> = over
      ? {}
      : filing.etag
        ? { 'If-Match': filing.etag }
        : { 'If-None-Match': '*' }
    const answer = await editor.http.put(urlOf(origin.path), writeDoc(doc), headers)
    const { etag } = (await answer.json()) as { etag: string }
    if (editor.doc.getState().origin.key !== origin.key) {
      // another document was opened meanwhile; undo may come back to this one
      filings.set(origin.key, { ...(filings.get(origin.key) ?? filing), etag })
      return true
    }
    filing.etag = etag
    filing.unsaved = editor.doc.getState().doc !== doc
    put(editor, filing.unsaved ? 'waiting' : 'saved')
    writeSession(editor)
    noteFiling(editor)
    return true
  } catch (error) {
    if (error instanceof ApiFailure && error.status === 412) {
      put(editor, 'conflict')
      editor.ui.setState({ dialog: 'conflict' })
    } else {
      put(editor, 'failed')
      editor.ui.toast('The workflow could not be saved', {
        detail: `${inWords(error).message} It is kept in this browser.`,
        tone: 'bad',
      })
    }
    return false
  } finally {
    saving.busy = false
    if (saving.again) {
      saving.again = false
      soon(editor)
    }
  }
}

/** Saves under a new path. */
export async function saveAs(editor: Editor, path: string, over: boolean): Promise<boolean> {
  const { filing } = editor.memory
  const before = { path: editor.doc.getState().origin.path, etag: filing.etag }
  filing.etag = ''
  editor.doc.setPath(path)
  const saved = await save(editor, over)
  if (!saved && editor.saving.getState().state !== 'conflict') {
    filing.etag = before.etag
    editor.doc.setPath(before.path)
  }
  return saved
}

function soon(editor: Editor): void {
  const { saving } = editor.memory
  clearTimeout(saving.timer)
  saving.timer = setTimeout(() => void save(editor), QUIET_MS)
}

/** Save saved workflows again after edits by hand; a run that draws a seed is no edit. */
export function keepSaved(editor: Editor): void {
  const { filing, filings } = editor.memory
  const { path } = editor.doc.getState().origin
  put(editor, path ? (filing.unsaved ? 'waiting' : 'saved') : 'unsaved')
  if (filing.unsaved && path) soon(editor)
  noteFiling(editor)
  editor.doc.subscribe((now, before) => {
    if (now.origin.key !== before.origin.key) Object.assign(filing, filings.get(now.origin.key))
    else if (now.edits !== before.edits) filing.unsaved = true
    noteFiling(editor)
    if (!now.origin.path) return put(editor, 'unsaved')
    if (now.opened !== before.opened && !filing.unsaved) return put(editor, 'saved')
    const edited = now.edits !== before.edits && now.opened === before.opened
    const back = now.opened !== before.opened
    if (!(edited || back) || (edited && editor.saving.getState().state === 'conflict')) return
    put(editor, 'waiting')
    soon(editor)
  })
}

/** What is saved, and what lies there and cannot be opened. */
export async function listSaved(
  editor: Editor,
): Promise<{ workflows: SavedWorkflow[]; left_out: LeftOut[] }> {
  return await editor.http.json('/workflows')
}

export async function openSaved(editor: Editor, path: string): Promise<void> {
  const { filing } = editor.memory
  if (filing.unsaved && editor.doc.getState().origin.path) await save(editor)
  const answer = await editor.http.get(urlOf(path))
  const doc = readDoc(await bytesOf(answer))
  filing.etag = answer.headers.get('ETag') ?? ''
  filing.unsaved = false
  editor.doc.open(doc, path, 'Open a workflow')
  put(editor, 'saved')
}

/** Settle a conflict: take the other version, after keeping mine as a copy in the history. */
export async function takeTheirs(editor: Editor): Promise<void> {
  const { filing } = editor.memory
  const before = filing.unsaved
  filing.unsaved = false
  try {
    await openSaved(editor, editor.doc.getState().origin.path)
  } catch (error) {
    filing.unsaved = before
    throw error
  }
}
