/**
 * Autosave in the browser. Each edit is written at once as its patches; the whole document follows when it is quiet.
 * A session belongs to one tab, which holds a lock on it while it lives: so a new tab may take over the session of a
 * tab that crashed or was closed, but never that of one that is open.
 */
import { apply, type Patches } from 'mutative'
import { inWords } from '../api/http'
import { readDoc, writeDoc } from '../document/file'
import type { Content } from '../document/store'
import type { Editor } from '../editor/editor'
import { keysInWords } from '../state/keys'
import { becomeClient, newClientId, rememberedClient } from '../storage/client'
import type { Storage, StoreName } from '../storage/database'

export interface Session {
  content: Content
  /** Steps up to this number are in `content`. */
  step: number
  modified: number
  /** The ETag of the file on the server that this content grew from. */
  etag: string
  /** Whether there are edits that the file on the server does not have. */
  unsaved: boolean
}

const QUIET_MS = 1200
const KEPT_DAYS = 30

const stepKey = (id: string, number: number) => `${id}:${String(number).padStart(9, '0')}`
const stepsOf = (id: string) => IDBKeyRange.bound(`${id}:`, `${id};`)

/** Take the lock of a session; false when a living tab holds it. Without locks every session counts as free. */
function claim(id: string): Promise<boolean> {
  if (!navigator.locks) return Promise.resolve(true)
  return new Promise((done) => {
    void navigator.locks.request(`jacquard-${id}`, { ifAvailable: true }, (lock) => {
      done(lock !== null)
      return lock ? new Promise(() => undefined) : undefined
    })
  })
}

async function read(editor: Editor, id: string): Promise<Session | null> {
  const session = await editor.storage
    .transact<Session>(['sessions'], 'readonly', (store) => store('sessions').get(id))
    .catch(() => undefined)
  if (!session) return null
  const later = await editor.storage.transact<{ number: number; patches: Patches }[]>(
    ['steps'],
    'readonly',
    (store) => store('steps').getAll(stepsOf(id)),
  )
  let content = session.content
  let last = session.step
  const steps = (later ?? []).filter(({ number }) => number > session.step)
  for (const [at, { number, patches }] of steps.entries()) {
    try {
      content = apply(content, patches)
      last = number
    } catch {
      editor.memory.session.trouble.lostEdits = steps.length - at
      break // a torn step: what came before it is whole
    }
  }
  if (!(await isSound(editor, id, content))) return null
  return { ...session, content, step: last, unsaved: session.unsaved || last > session.step }
}

/** Whether a document that was kept could be written and read again. One that could not is set aside, not lost. */
async function isSound(editor: Editor, id: string, content: Content): Promise<boolean> {
  try {
    const { doc } = content
    readDoc(writeDoc(doc.subs ? doc : { ...doc, subs: {} }, 0))
    return true
  } catch (error) {
    const text = JSON.stringify(content, (_, part) => (typeof part === 'bigint' ? String(part) : part), 2)
    editor.memory.session.trouble.setAside = { why: inWords(error).message, text }
    await editor.storage.set('set-aside', editor.memory.session.trouble.setAside)
    await remove(editor, id)
    return false
  }
}

/** The session of this tab: its own after a reload, else the newest one that nobody holds. Null for a fresh start. */
export async function claimSession(editor: Editor): Promise<Session | null> {
  const own = rememberedClient()
  if (own && (await claim(own))) {
    becomeClient(editor, own)
    const session = await read(editor, own)
    return resume(editor, session)
  }
  if (own) {
    // a duplicated tab: the same document, in a session of its own
    const session = await read(editor, own)
    await begin(editor)
    return session && { ...session, step: 0 }
  }
  const keys = ((await editor.storage
    .transact(['sessions'], 'readonly', (store) => store('sessions').getAllKeys())
    .catch(() => [])) ?? []) as string[]
  const found: [string, Session][] = []
  for (const key of keys) {
    const session = await read(editor, key)
    if (session) found.push([key, session])
  }
  found.sort((one, other) => other[1].modified - one[1].modified)
  for (const [key, session] of found) {
    if (Date.now() - session.modified > KEPT_DAYS * 86_400_000) void remove(editor, key)
    else if (await claim(key)) {
      becomeClient(editor, key)
      return resume(editor, session)
    }
  }
  await begin(editor)
  return null
}

function resume(editor: Editor, session: Session | null): Session | null {
  editor.memory.session.step = session?.step ?? 0
  editor.memory.filing.etag = session?.etag ?? ''
  editor.memory.filing.unsaved = session?.unsaved ?? false
  return session
}

async function begin(editor: Editor): Promise<void> {
  const id = newClientId()
  becomeClient(editor, id)
  await claim(id)
}

function remove(editor: Editor, id: string) {
  return editor.storage
    .transact(['sessions', 'steps'], 'readwrite', (store) => {
      store('sessions').delete(id)
      store('steps').delete(stepsOf(id))
      return undefined
    })
    .catch(() => undefined)
}

/** Write the whole document now, and forget the steps that it contains. */
export function writeSession(editor: Editor): void {
  const { session: autosave, filing } = editor.memory
  clearTimeout(autosave.timer)
  autosave.timer = undefined
  const { doc, origin } = editor.doc.getState()
  const number = autosave.step
  const session: Session = { content: { doc, origin }, step: number, modified: Date.now(), ...filing }
  void keep(editor, ['sessions', 'steps'], (store) => {
    store('sessions').put(session, editor.client.id)
    store('steps').delete(IDBKeyRange.bound(`${editor.client.id}:`, stepKey(editor.client.id, number)))
    return undefined
  })
}

/** Writes, and warns when this browser does not keep edits, because the page promises that it does. */
async function keep(
  editor: Editor,
  stores: StoreName[],
  work: Parameters<Storage['transact']>[2],
): Promise<void> {
  let problem = ''
  try {
    await editor.storage.transact(stores, 'readwrite', work)
    if (!(await editor.storage.database())) problem = 'It has no storage for this page.'
  } catch (error) {
    problem = inWords(error).message
  }
  if (problem && !editor.keeping.getState().problem)
    editor.ui.toast('This browser does not keep your edits', {
      detail: `${problem} Save the workflow (${keysInWords('mod+S')}) or download it.`,
      tone: 'bad',
    })
  if (problem !== editor.keeping.getState().problem) editor.keeping.setState({ problem })
}

/** Keep the session from now on. */
export function keepSession(editor: Editor): void {
  const { session } = editor.memory
  writeSession(editor)
  editor.doc.onChange((patches) => {
    const number = ++session.step
    void keep(editor, ['steps'], (store) => {
      store('steps').put({ number, patches }, stepKey(editor.client.id, number))
      return undefined
    })
    clearTimeout(session.timer)
    session.timer = setTimeout(() => writeSession(editor), QUIET_MS)
  })
  addEventListener('pagehide', () => {
    // what is being typed into a field that takes it at the end
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur()
    writeSession(editor)
  })
  document.addEventListener('visibilitychange', () => {
    if (document.hidden && session.timer) writeSession(editor)
  })
}
