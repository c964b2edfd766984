import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { crc32, deflateSync } from 'node:zlib'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { NotAWorkflow } from './file'
import { parseJson } from './json'
import { isPng, readPngRecord } from './png'

const FILE = join(import.meta.dirname, '../../../tests/cases/picture-records.json')
const CASES = parseJson(readFileSync(FILE, 'utf8')) as { name: string; base64: string; record: unknown }[]
const SIGNATURE = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10])

function chunk(kind: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(kind), data])
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(data.length)
  sum.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, sum])
}

const png = (...chunks: Buffer[]) =>
  new Uint8Array(
    Buffer.concat([SIGNATURE, chunk('IHDR', Buffer.alloc(13)), ...chunks, chunk('IEND', Buffer.alloc(0))]),
  )

test.each(CASES.map((one): [string, (typeof CASES)[0]] => [one.name, one]))('%s', async (_, one) => {
  const file = new Uint8Array(Buffer.from(one.base64, 'base64'))
  if (one.record === 'damaged') await expect(readPngRecord(file)).rejects.toBeInstanceOf(NotAWorkflow)
  else expect(await readPngRecord(file)).toEqual(one.record)
})

test('a text that unpacks beyond all measure is refused', async () => {
  const bomb = deflateSync(Buffer.alloc(16 * 2 ** 20 + 1, 32))
  const file = png(chunk('zTXt', Buffer.concat([Buffer.from('jacquard\0\0'), bomb])))
  await expect(readPngRecord(file)).rejects.toThrow('more than 16 MB')
})

test('damaged files are refused in words, and nothing else is thrown', async () => {
  const body = deflateSync(Buffer.from(`{"a":"${'x'.repeat(50)}"}`))
  const whole = png(chunk('iTXt', Buffer.concat([Buffer.from('jacquard\0\x01\0\0\0'), body])))
  expect(isPng(new Uint8Array())).toBe(false)
  await fc.assert(
    fc.asyncProperty(
      fc.nat(whole.length),
      fc.nat(whole.length - 1),
      fc.nat(255),
      async (length, at, value) => {
        const torn = whole.slice(0, length)
        if (at < torn.length) torn[at] = value
        try {
          const record = await readPngRecord(torn)
          expect(record === null || typeof record === 'object').toBe(true)
        } catch (error) {
          expect(error).toBeInstanceOf(NotAWorkflow)
        }
      },
    ),
  )
})
