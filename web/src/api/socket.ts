/**
 * The websocket client. It sends the last number that it received, so that a reconnect misses nothing; a gap in the
 * numbers is answered by saying hello again. Waits between tries grow from 0.5 to 10 seconds, with jitter.
 */
import type { Hello, Preview, ServerMessage } from './types'

export type PreviewFrame = Pick<Preview, 'run' | 'node' | 'seq'> & { picture: Blob }

export interface Wire {
  binaryType: BinaryType
  send(data: string): void
  close(): void
  onopen: (() => void) | null
  onclose: (() => void) | null
  onmessage: ((event: MessageEvent) => void) | null
}

export interface SocketOptions {
  open(): Wire
  onMessage(message: ServerMessage): void
  onPreview(frame: PreviewFrame): void
  onOnline(online: boolean): void
  wait?(ms: number, then: () => void): void
  random?(): number
}

export const FIRST_WAIT_MS = 500
export const LONGEST_WAIT_MS = 10_000

export function connectSocket(options: SocketOptions) {
  const wait = options.wait ?? ((ms, then) => void setTimeout(then, ms))
  const random = options.random ?? Math.random
  let epoch: string | null = null
  let seq = 0
  let tries = 0
  let closed = false
  /** Messages are let through only between the server's answer to hello and the next gap. */
  let inStep = false
  let wire: Wire | null = null

  const hello = () => {
    inStep = false
    wire?.send(JSON.stringify({ type: 'hello', protocol: 1, epoch, seq } satisfies Hello))
  }

  function take(message: ServerMessage): void {
    if (message.type === 'resume' && epoch === null) {
      hello() // it answers a hello from before the renewal
      return
    }
    if (message.type === 'resume' || message.type === 'snapshot') {
      if (message.type === 'snapshot') seq = message.seq
      epoch = message.epoch
      inStep = true
      tries = 0
      options.onOnline(true)
      options.onMessage(message)
      return
    }
    if (!inStep || message.seq <= seq) return
    if (message.seq !== seq + 1) {
      hello()
      return
    }
    seq = message.seq
    options.onMessage(message)
  }

  function start(): void {
    if (closed) return
    const mine = options.open()
    wire = mine
    mine.binaryType = 'arraybuffer'
    mine.onopen = hello
    mine.onmessage = ({ data }: { data: unknown }) => {
      if (typeof data === 'string') take(JSON.parse(data) as ServerMessage)
      else if (data instanceof ArrayBuffer) {
        const frame = readPreview(data)
        if (frame) options.onPreview(frame)
      }
    }
    mine.onclose = () => {
      if (wire !== mine || closed) return
      inStep = false
      options.onOnline(false)
      const most = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** tries++)
      wait(most * (0.5 + random() / 2), start)
    }
  }

  start()
  return {
    /** Ask for everything as it is now: what was passed over before is of interest by now. */
    renew() {
      epoch = null
      seq = 0
      if (inStep) hello()
    },
    close() {
      closed = true
      wire?.close()
    },
  }
}

/** uint32 length, that much JSON, then the picture. */
export function readPreview(data: ArrayBuffer): PreviewFrame | null {
  if (data.byteLength < 4) return null
  const length = new DataView(data).getUint32(0)
  if (4 + length > data.byteLength) return null
  try {
    const head = JSON.parse(new TextDecoder().decode(new Uint8Array(data, 4, length))) as Preview
    if (head.type !== 'preview') return null
    const picture = new Blob([new Uint8Array(data, 4 + length)], { type: head.media })
    return { run: head.run, node: head.node, seq: head.seq, picture }
  } catch {
    return null
  }
}
