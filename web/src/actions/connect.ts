/**
 * Joins the websocket to the stores: messages are collected and applied once per frame - or, while more comes than an
 * eye can follow, such as a stream of quick items, a few times a second.
 */

import { door } from '../api/access'
import { socketAddress } from '../api/address'
import { ApiFailure, http, inWords } from '../api/http'
import { connectSocket, type Wire } from '../api/socket'
import type { Notice, PreviewFrame, ServerMessage } from '../api/types'
import { refreshAllChoices, refreshCatalogue, refreshChoices } from '../catalogue/load'
import { docStore } from '../document/store'
import { followScope } from '../run/document'
import { gatherEvents } from '../run/gather'
import { dropPreview, dropPreviews, putPreview } from '../run/previews'
import { reduceMessage, runStore, statesShown } from '../run/store'
import { lookAgain } from '../state/freshPictures'
import { trouble } from '../state/ui'
import { runMark } from '../storage/client'
import { restoreShownRun } from './run'

let pending: ServerMessage[] = []
let frame = 0

/** More events than this at once are a rush. */
const RUSH = 12
const RUSH_MS = 150
let rush = false

/** Frames do not come while the page is hidden; then a timer takes their place. */
function soon(work: () => void): number {
  if (rush) return window.setTimeout(work, RUSH_MS)
  return document.hidden ? window.setTimeout(work, 50) : requestAnimationFrame(work)
}

const eventsIn = (message: ServerMessage) => (message.type === 'events' ? message.events.length : 1)

function apply(): void {
  frame = 0
  const messages = gatherEvents(pending)
  pending = []
  rush = messages.reduce((sum, message) => sum + eventsIn(message), 0) > RUSH
  const before = runStore.getState()
  const mark = runMark(docStore.getState().origin.key)
  const after = messages.reduce((state, message) => reduceMessage(state, message, mark), before)
  runStore.setState(after)
  if (after.shown !== before.shown) dropPreviews()
  followScope()
  for (const message of messages) follow(message)
}

/** The messages that stand on the page, by what they are about. */
const shown = new Map<string, { message: string; end(): void }>()

function showNotices(notices: Notice[]): void {
  for (const [code, { message, end }] of shown) {
    if (notices.some((notice) => notice.code === code && notice.message === message)) continue
    end()
    shown.delete(code)
  }
  for (const { code, message } of notices) {
    if (!shown.has(code)) shown.set(code, { message, end: trouble(message) })
  }
}

function follow(message: ServerMessage): void {
  if (message.type === 'notices' || message.type === 'snapshot') showNotices(message.notices ?? [])
  if (message.type === 'choices') void refreshChoices(message.folder)
  if (mayHaveChanged(message)) lookAgain()
  // without an answer the next snapshot asks again
  if (message.type === 'node_types' || message.type === 'snapshot')
    void refreshCatalogue().catch(() => undefined)
  if (message.type === 'snapshot') {
    refreshAllChoices()
    void restoreShownRun()
  }
  if (message.type === 'events') {
    for (const event of message.events) {
      if (event.run !== runStore.getState().shown) continue
      if (event.event === 'node_finished' || event.event === 'node_failed') dropPreview(event.node)
      if (event.event === 'run_finished') dropPreviews()
    }
  }
}

/** Whether files may be others after this: a run is over, a folder changed, or nothing was heard for a while. */
function mayHaveChanged(message: ServerMessage): boolean {
  if (message.type === 'run') return message.run.finished !== null
  return message.type === 'choices' || message.type === 'snapshot'
}

function onPreview(preview: PreviewFrame): void {
  const state = runStore.getState()
  if (preview.run === state.shown && statesShown(state).nodes[preview.node]?.state === 'running') {
    void putPreview(preview.node, preview.seq, preview.picture)
  }
}

let socket: ReturnType<typeof connectSocket> | null = null

/** Be told of all runs anew, as after another document was opened, which has runs of its own. */
export const renewRuns = (): void => socket?.renew()

function openWire(): Wire {
  const { address, protocols } = socketAddress()
  const wire = new WebSocket(address, protocols)
  let opened = false
  wire.addEventListener('open', () => {
    opened = true
    door.setState({ noSocket: '', signedOut: false })
  })
  wire.addEventListener('close', () => {
    if (!opened) void askWhy()
  })
  return wire as Wire
}

/** A browser does not tell why a websocket was refused; a plain request to its address is answered with the reason. */
async function askWhy(): Promise<void> {
  try {
    await http.get('/ws')
  } catch (error) {
    const status = error instanceof ApiFailure ? error.status : 0
    if (status === 426) door.setState({ noSocket: 'proxy' })
    else if (status !== 0 && status !== 401) door.setState({ noSocket: inWords(error) })
  }
}

/** Once there is a document: what is told of runs is taken for its own, or not. */
export function connect(): void {
  socket = connectSocket({
    open: openWire,
    onMessage(message) {
      pending.push(message)
      if (!frame) frame = soon(apply)
    },
    onPreview,
    onOnline: (online) => runStore.setState({ online }),
  })
}
