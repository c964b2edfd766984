import { deflateSync } from 'node:zlib'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isPng, readPngText } from './png'

const SIGNATURE = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10])

function chunk(kind: string, data: Buffer): Buffer {
  const head = Buffer.alloc(8)
  head.writeUInt32BE(data.length)
  head.write(kind, 4)
  return Buffer.concat([head, data, Buffer.alloc(4)])
}

const iTXt = (key: string, text: string, compressed = false) => {
  const body = Buffer.from(text)
  const flags = Buffer.from([0, compressed ? 1 : 0, 0, 0, 0])
  return chunk('iTXt', Buffer.concat([Buffer.from(key), flags, compressed ? deflateSync(body) : body]))
}
const png = (...chunks: Buffer[]) =>
  new Uint8Array(
    Buffer.concat([SIGNATURE, chunk('IHDR', Buffer.alloc(13)), ...chunks, chunk('IEND', Buffer.alloc(0))]),
  )

test.each([false, true])('finds the text of the jacquard chunk, compressed: %s', async (compressed) => {
  const text = '{"workflow": "Käse 猫"}'
  const file = png(iTXt('Title', 'other'), iTXt('jacquard', text, compressed))
  expect(await readPngText(file)).toBe(text)
})

test('has nothing to say about a PNG without one, and about other files', async () => {
  expect(await readPngText(png(iTXt('jacquard2', 'x')))).toBeNull()
  expect(await readPngText(new Uint8Array([1, 2, 3]))).toBeNull()
  expect(isPng(new Uint8Array())).toBe(false)
})

test('damaged files give nothing and never throw', async () => {
  const whole = png(iTXt('jacquard', 'x'.repeat(50), true))
  await fc.assert(
    fc.asyncProperty(
      fc.nat(whole.length),
      fc.nat(whole.length - 1),
      fc.nat(255),
      async (length, at, value) => {
        const torn = whole.slice(0, length)
        if (at < torn.length) torn[at] = value
        const text = await readPngText(torn)
        expect(text === null || typeof text === 'string').toBe(true)
      },
    ),
  )
})
