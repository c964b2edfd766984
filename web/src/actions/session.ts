/**
 * Autosave in the browser. Each edit is written at once as its patches; the whole document follows when it is quiet.
 * A session belongs to one tab, which holds a lock on it while it lives: so a new tab may take over the session of a
 * tab that crashed or was closed, but never that of one that is open.
 */
import { apply, type Patches } from 'mutative'
import { createStore } from 'zustand/vanilla'
import { inWords } from '../api/http'
import { readDoc, writeDoc } from '../document/file'
import { type Content, docStore } from '../document/store'
import { keysInWords } from '../state/keys'
import { toast } from '../state/ui'
import { becomeClient, client, newClientId, rememberedClient } from '../storage/client'
import { database, kv, type StoreName, transact } from '../storage/database'

/** What could not be taken up of the last session, for the page to say. */
export interface Trouble {
  /** Edits at its end that could not be read. */
  lostEdits: number
  /** A session that is damaged: why, and what there is of it, as text. */
  setAside: { why: string; text: string } | null
}

export const trouble: Trouble = { lostEdits: 0, setAside: null }

/** Whether this browser keeps what is edited; why not, where it does not. */
export const keeping = createStore<{ problem: string }>(() => ({ problem: '' }))

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
let step = 0
let timer = 0

export const filing = { etag: '', unsaved: false }

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

async function read(id: string): Promise<Session | null> {
  const session = await transact<Session>(['sessions'], 'readonly', (store) =>
    store('sessions').get(id),
  ).catch(() => undefined)
  if (!session) return null
  const later = await transact<{ number: number; patches: Patches }[]>(['steps'], 'readonly', (store) =>
    store('steps').getAll(stepsOf(id)),
  )
  let content = session.content
  let last = session.step
  const steps = (later ?? []).filter(({ number }) => number > session.step)
  for (const [at, { number, patches }] of steps.entries()) {
    try {
      content = apply(content, patches)
      last = number
    } catch {
      trouble.lostEdits = steps.length - at
      break // a torn step: what came before it is whole
    }
  }
  if (!(await isSound(id, content))) return null
  return { ...session, content, step: last, unsaved: session.unsaved || last > session.step }
}

/** Whether a document that was kept could be written and read again. One that could not is set aside, not lost. */
async function isSound(id: string, content: Content): Promise<boolean> {
  try {
    const { doc } = content
    readDoc(writeDoc(doc.subs ? doc : { ...doc, subs: {} }, 0))
    return true
  } catch (error) {
    const text = JSON.stringify(content, (_, part) => (typeof part === 'bigint' ? String(part) : part), 2)
    trouble.setAside = { why: inWords(error).message, text }
    await kv.set('set-aside', trouble.setAside)
    await remove(id)
    return false
  }
}

/** The session of this tab: its own after a reload, else the newest one that nobody holds. Null for a fresh start. */
export async function claimSession(): Promise<Session | null> {
  const own = rememberedClient()
  if (own && (await claim(own))) {
    becomeClient(own)
    const session = await read(own)
    return resume(session)
  }
  if (own) {
    // a duplicated tab: the same document, in a session of its own
    const session = await read(own)
    await begin()
    return session && { ...session, step: 0 }
  }
  const keys = ((await transact(['sessions'], 'readonly', (store) => store('sessions').getAllKeys()).catch(
    () => [],
  )) ?? []) as string[]
  const found: [string, Session][] = []
  for (const key of keys) {
    const session = await read(key)
    if (session) found.push([key, session])
  }
  found.sort((one, other) => other[1].modified - one[1].modified)
  for (const [key, session] of found) {
    if (Date.now() - session.modified > KEPT_DAYS * 86_400_000) void remove(key)
    else if (await claim(key)) {
      becomeClient(key)
      return resume(session)
    }
  }
  await begin()
  return null
}

function resume(session: Session | null): Session | null {
  step = session?.step ?? 0
  filing.etag = session?.etag ?? ''
  filing.unsaved = session?.unsaved ?? false
  return session
}

async function begin(): Promise<void> {
  const id = newClientId()
  becomeClient(id)
  await claim(id)
}

function remove(id: string) {
  return transact(['sessions', 'steps'], 'readwrite', (store) => {
    store('sessions').delete(id)
    store('steps').delete(stepsOf(id))
    return undefined
  }).catch(() => undefined)
}

/** Write the whole document now, and forget the steps that it contains. */
export function writeSession(): void {
  clearTimeout(timer)
  timer = 0
  const { doc, origin } = docStore.getState()
  const number = step
  const session: Session = { content: { doc, origin }, step: number, modified: Date.now(), ...filing }
  void keep(['sessions', 'steps'], (store) => {
    store('sessions').put(session, client.id)
    store('steps').delete(IDBKeyRange.bound(`${client.id}:`, stepKey(client.id, number)))
    return undefined
  })
}

/** Write, and say when this browser does not keep what it is given: the page tells people that it does. */
async function keep(stores: StoreName[], work: Parameters<typeof transact>[2]): Promise<void> {
  let problem = ''
  try {
    await transact(stores, 'readwrite', work)
    if (!(await database())) problem = 'It has no storage for this page.'
  } catch (error) {
    problem = inWords(error).message
  }
  if (problem && !keeping.getState().problem)
    toast('This browser does not keep your edits', {
      detail: `${problem} Save the workflow (${keysInWords('mod+S')}) or download it.`,
      tone: 'bad',
    })
  if (problem !== keeping.getState().problem) keeping.setState({ problem })
}

/** Keep the session from now on. */
export function keepSession(): void {
  writeSession()
  docStore.onChange((patches) => {
    const number = ++step
    void keep(['steps'], (store) => {
      store('steps').put({ number, patches }, stepKey(client.id, number))
      return undefined
    })
    clearTimeout(timer)
    timer = window.setTimeout(writeSession, QUIET_MS)
  })
  addEventListener('pagehide', () => {
    // what is being typed into a field that takes it at the end
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur()
    writeSession()
  })
  document.addEventListener('visibilitychange', () => {
    if (document.hidden && timer) writeSession()
  })
}
