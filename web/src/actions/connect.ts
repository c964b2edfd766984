/**
 * Joins the websocket to the stores: messages are collected and applied once per frame - or, while more comes than an
 * eye can follow, such as a stream of quick items, a few times a second.
 */
import { socketAddress } from '../api/address'
import { ApiFailure, inWords } from '../api/http'
import { connectSocket, type PreviewFrame, type Wire } from '../api/socket'
import type { Notice, ServerMessage } from '../api/types'
import { refreshAllChoices, refreshCatalogue, refreshChoices } from '../catalogue/load'
import type { Editor } from '../editor/editor'
import { followScope } from '../run/document'
import { gatherEvents } from '../run/gather'
import { reduceMessage, statesShown } from '../run/store'
import { runClient } from '../storage/client'
import { restoreShownRun } from './run'

/** More events than this at once are a rush. */
const RUSH = 12
const RUSH_MS = 150

const eventsIn = (message: ServerMessage) => (message.type === 'events' ? message.events.length : 1)

/** Whether files may have changed: a run ended, a folder changed, or the connection was lost for a while. */
function mayHaveChanged(message: ServerMessage): boolean {
  if (message.type === 'run') return message.run.finished !== null
  return message.type === 'choices' || message.type === 'snapshot'
}

export class Connection {
  private pending: ServerMessage[] = []
  private frame = 0
  private rush = false
  /** The messages that stand on the page, by what they are about. */
  private readonly shown = new Map<string, { message: string; end(): void }>()
  private readonly socket: ReturnType<typeof connectSocket>

  /** Made once there is a document: runs that the server reports are its own, or not. */
  constructor(private readonly editor: Editor) {
    this.socket = connectSocket({
      open: () => this.openWire(),
      onMessage: (message) => {
        this.pending.push(message)
        if (!this.frame) this.frame = this.soon(() => this.apply())
      },
      onPreview: (preview) => this.onPreview(preview),
      onOnline: (online) => editor.run.setState({ online }),
    })
  }

  /** Asks for all runs anew, as after another document was opened, which has runs of its own. */
  renewRuns(): void {
    this.socket.renew()
  }

  /** Frames do not come while the page is hidden; then a timer takes their place. */
  private soon(work: () => void): number {
    if (this.rush) return window.setTimeout(work, RUSH_MS)
    return document.hidden ? window.setTimeout(work, 50) : requestAnimationFrame(work)
  }

  private apply(): void {
    this.frame = 0
    const messages = gatherEvents(this.pending)
    this.pending = []
    this.rush = messages.reduce((sum, message) => sum + eventsIn(message), 0) > RUSH
    const before = this.editor.run.getState()
    const client = runClient(this.editor, this.editor.doc.getState().origin.key)
    const after = messages.reduce((state, message) => reduceMessage(state, message, client), before)
    this.editor.run.setState(after)
    if (after.shown !== before.shown) this.editor.previews.dropPreviews()
    followScope(this.editor)
    for (const message of messages) this.follow(message)
  }

  private showNotices(notices: Notice[]): void {
    for (const [code, { message, end }] of this.shown) {
      if (notices.some((notice) => notice.code === code && notice.message === message)) continue
      end()
      this.shown.delete(code)
    }
    for (const { code, message } of notices) {
      if (!this.shown.has(code)) this.shown.set(code, { message, end: this.editor.ui.trouble(message) })
    }
  }

  private follow(message: ServerMessage): void {
    if (message.type === 'notices' || message.type === 'snapshot') this.showNotices(message.notices ?? [])
    if (message.type === 'choices') refreshChoices(this.editor, message.folder)
    if (mayHaveChanged(message)) this.editor.fresh.lookAgain()
    // without an answer the next snapshot asks again
    if (message.type === 'node_types' || message.type === 'snapshot')
      void refreshCatalogue(this.editor).catch(() => undefined)
    if (message.type === 'snapshot') {
      refreshAllChoices(this.editor)
      void restoreShownRun(this.editor)
    }
    if (message.type === 'events') {
      for (const event of message.events) {
        if (event.run !== this.editor.run.getState().shown) continue
        if (event.event === 'node_finished' || event.event === 'node_failed')
          this.editor.previews.dropPreview(event.node)
        if (event.event === 'run_finished') this.editor.previews.dropPreviews()
      }
    }
  }

  private onPreview(preview: PreviewFrame): void {
    const state = this.editor.run.getState()
    if (preview.run === state.shown && statesShown(state).nodes[preview.node]?.state === 'running') {
      void this.editor.previews.putPreview(preview.node, preview.seq, preview.picture)
    }
  }

  private openWire(): Wire {
    const { address, protocols } = socketAddress()
    const wire = new WebSocket(address, protocols)
    let opened = false
    wire.addEventListener('open', () => {
      opened = true
      this.editor.access.setState({ noSocket: '', signedOut: false })
    })
    wire.addEventListener('close', () => {
      if (!opened) void this.askWhy()
    })
    return wire as Wire
  }

  /** A browser does not report why a websocket was refused; the answer to a plain request to its address has the reason. */
  private async askWhy(): Promise<void> {
    try {
      await this.editor.http.get('/ws')
    } catch (error) {
      const status = error instanceof ApiFailure ? error.status : 0
      if (status === 426) this.editor.access.setState({ noSocket: 'proxy' })
      else if (status !== 0 && status !== 401) this.editor.access.setState({ noSocket: inWords(error) })
    }
  }
}
