import { once } from 'node:events'
import { afterEach, describe, expect, test } from 'vitest'
import WebSocket, { WebSocketServer } from 'ws'
import { connectSocket, LONGEST_WAIT_MS, type PreviewFrame, readPreview, type Wire } from './socket'
import type { ServerMessage } from './types'

interface Hello {
  epoch: string | null
  seq: number
}

/** A real websocket server that says what it is told to say. */
class FakeServer {
  readonly hellos: Hello[] = []
  private readonly server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  private waiting: (() => void)[] = []
  readonly listening = once(this.server, 'listening')

  constructor(private readonly answer: (hello: Hello, at: number) => object[]) {
    this.server.on('connection', (wire) =>
      wire.on('message', (data) => {
        const hello = JSON.parse(String(data)) as Hello
        this.hellos.push(hello)
        for (const message of this.answer(hello, this.hellos.length)) wire.send(JSON.stringify(message))
        for (const go of this.waiting.splice(0)) go()
      }),
    )
  }

  get address(): string {
    return `ws://127.0.0.1:${(this.server.address() as { port: number }).port}`
  }

  dropAll(): void {
    for (const wire of this.server.clients) wire.terminate()
  }

  async received(count: number): Promise<void> {
    while (this.hellos.length < count) await new Promise<void>((go) => this.waiting.push(go))
  }

  close(): void {
    this.dropAll()
    this.server.close()
  }
}

const open: { close(): void }[] = []
afterEach(() => {
  for (const one of open.splice(0)) one.close()
})

async function client(server: FakeServer) {
  await server.listening
  const messages: ServerMessage[] = []
  const previews: PreviewFrame[] = []
  const online: boolean[] = []
  const waits: number[] = []
  const go: (() => void)[] = []
  const socket = connectSocket({
    open: () => new WebSocket(server.address) as unknown as Wire,
    onMessage: (message) => {
      messages.push(message)
      for (const each of go.splice(0)) each()
    },
    onPreview: (frame) => previews.push(frame),
    onOnline: (state) => online.push(state),
    wait: (ms, then) => {
      waits.push(ms)
      setTimeout(then)
    },
    random: () => 1,
  })
  open.push(socket, server)
  const until = async (count: number) => {
    while (messages.length < count) await new Promise<void>((each) => go.push(each))
  }
  return { messages, previews, online, waits, until, socket }
}

const snapshot = (seq: number, epoch = 'e1') => ({
  type: 'snapshot',
  epoch,
  seq,
  queue: [],
  recent: [],
  running: null,
})
const queue = (seq: number) => ({ type: 'queue', seq, order: [String(seq)] })

describe('the socket', () => {
  test('says hello, takes a snapshot, then what follows it', async () => {
    const server = new FakeServer(() => [snapshot(4), queue(5), queue(6)])
    const { messages, until, online } = await client(server)
    await until(3)
    expect(server.hellos[0]).toMatchObject({ type: 'hello', protocol: 1, epoch: null, seq: 0 })
    expect(messages.map((message) => message.seq)).toEqual([4, 5, 6])
    expect(online).toEqual([true])
  })

  test('asks again at a gap, and lets nothing through until the answer', async () => {
    const server = new FakeServer((_, at) =>
      at === 1
        ? [snapshot(1), queue(2), queue(4), queue(5)]
        : [{ type: 'resume', epoch: 'e1', seq: 2 }, queue(3), queue(4)],
    )
    const { messages, until } = await client(server)
    await until(5)
    expect(server.hellos[1]).toMatchObject({ epoch: 'e1', seq: 2 })
    expect(messages.map((message) => `${message.type}${message.seq}`)).toEqual([
      'snapshot1',
      'queue2',
      'resume2',
      'queue3',
      'queue4',
    ])
  })

  test('takes nothing twice', async () => {
    const server = new FakeServer(() => [snapshot(1), queue(2), queue(2), queue(1), queue(3)])
    const { messages, until } = await client(server)
    await until(3)
    expect(messages.map((message) => message.seq)).toEqual([1, 2, 3])
  })

  test('comes back after a loss with the last number it saw', async () => {
    const server = new FakeServer((_, at) =>
      at === 1 ? [snapshot(7), queue(8)] : [{ type: 'resume', epoch: 'e1', seq: 8 }, queue(9)],
    )
    const { until, online, waits } = await client(server)
    await until(2)
    server.dropAll()
    await until(4)
    expect(server.hellos[1]).toMatchObject({ epoch: 'e1', seq: 8 })
    expect(online).toEqual([true, false, true])
    expect(waits).toEqual([500])
  })

  test('another epoch brings a snapshot, and its numbers count', async () => {
    const server = new FakeServer((_, at) => (at === 1 ? [snapshot(90)] : [snapshot(2, 'e2'), queue(3)]))
    const { messages, until } = await client(server)
    await until(1)
    server.dropAll()
    await until(3)
    expect(messages.at(-1)?.seq).toBe(3)
  })

  test('asks for everything anew when told to, and lets nothing through until that is there', async () => {
    const server = new FakeServer((_, at) => (at === 1 ? [snapshot(4), queue(5)] : [snapshot(7), queue(8)]))
    const { messages, until, socket } = await client(server)
    await until(2)
    socket.renew()
    await until(4)
    expect(server.hellos[1]).toMatchObject({ epoch: null, seq: 0 })
    expect(messages.map((message) => message.seq)).toEqual([4, 5, 7, 8])
  })

  test('waits longer from try to try, but never too long', async () => {
    const waits: number[] = []
    const left: (() => void)[] = []
    connectSocket({
      open: () => {
        const wire = { send: () => undefined, close: () => undefined } as unknown as Wire
        left.push(() => wire.onclose?.())
        return wire
      },
      onMessage: () => undefined,
      onPreview: () => undefined,
      onOnline: () => undefined,
      wait: (ms, then) => {
        waits.push(ms)
        then()
      },
      random: () => 1,
    })
    for (let tries = 0; tries < 8; tries++) left.at(-1)?.()
    expect(waits.slice(0, 4)).toEqual([500, 1000, 2000, 4000])
    expect(waits.at(-1)).toBe(LONGEST_WAIT_MS)
  })
})

test('a preview frame is a length, a head and a picture; anything else is nothing', async () => {
  const head = new TextEncoder().encode(
    '{"type":"preview","run":"r","node":"3","seq":2,"media":"image/jpeg"}',
  )
  const frame = new Uint8Array([0, 0, 0, head.length, ...head, 1, 2, 3])
  const read = readPreview(frame.buffer)
  expect(read).toMatchObject({ run: 'r', node: '3', seq: 2 })
  expect([...new Uint8Array(await (read as PreviewFrame).picture.arrayBuffer())]).toEqual([1, 2, 3])
  expect(readPreview(frame.slice(0, 3).buffer)).toBeNull()
  expect(readPreview(new Uint8Array([0, 0, 255, 0]).buffer)).toBeNull()
})
