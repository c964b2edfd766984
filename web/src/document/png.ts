/**
 * The record inside a picture: a text chunk `jacquard` of a PNG that holds JSON, as `nodes/picture_metadata.py` writes and
 * reads it; `tests/cases/picture-records.json` holds both to the same answers. Other programs move, compress and rename
 * texts: any of the three kinds of text counts, at any place, and the first that is whole.
 */
import type { Json } from '../api/types'
import { NotAWorkflow, readJson } from './file'
import { isObject } from './shape'

const SIGNATURE = [137, 80, 78, 71, 13, 10, 26, 10]
const KEYWORD = 'jacquard\0'
const TEXTS = ['iTXt', 'zTXt', 'tEXt']
const MAX_TEXT = 16 * 2 ** 20

/** A picture has a record that cannot be read. */
class Damaged extends Error {}

export function isPng(bytes: Uint8Array): boolean {
  return SIGNATURE.every((value, at) => bytes[at] === value)
}

/** The record inside a PNG, or null where there is none; throws `NotAWorkflow` for one that cannot be read. */
export async function readPngRecord(bytes: Uint8Array): Promise<Record<string, Json> | null> {
  let damage: Damaged | null = null
  for (const { kind, body, isSound } of chunks(bytes)) {
    if (!TEXTS.includes(kind) || latin1(body.subarray(0, KEYWORD.length)) !== KEYWORD) continue
    try {
      if (!isSound()) throw new Damaged('its checksum does not fit, or it is cut off')
      return parsed(await textOf(kind, body.subarray(KEYWORD.length)))
    } catch (error) {
      if (!(error instanceof Damaged)) throw error
      damage ??= error
    }
  }
  if (!damage) return null
  throw new NotAWorkflow(
    `The workflow inside this picture is damaged: ${damage.message.replace(/\.$/, '')}.`,
    'Open the picture as it was saved; another program may have changed it.',
    'not_json',
  )
}

interface Chunk {
  kind: string
  body: Uint8Array
  /** Whether its checksum fits. */
  isSound(): boolean
}

/** The chunks of a PNG; of the last one, if it is cut off, what there is. */
function* chunks(bytes: Uint8Array): Generator<Chunk> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let at = isPng(bytes) ? SIGNATURE.length : bytes.length
  while (at + 8 <= bytes.length) {
    const start = at
    const kind = latin1(bytes.subarray(start + 4, start + 8))
    const end = start + 8 + view.getUint32(start)
    const isSound = () =>
      end + 4 <= bytes.length && view.getUint32(end) === crc(bytes.subarray(start + 4, end))
    yield { kind, body: bytes.subarray(start + 8, end), isSound }
    if (kind === 'IEND') return
    at = end + 4
  }
}

/** The bytes of a text chunk behind its keyword, as text. */
async function textOf(kind: string, rest: Uint8Array): Promise<Uint8Array> {
  if (kind === 'tEXt') return asUtf8(rest)
  if (kind === 'zTXt') {
    if (rest[0] !== 0) throw new Damaged('it is compressed in an unknown way')
    return asUtf8(await inflate(rest.subarray(1)))
  }
  // iTXt: compressed?, method, language 0, translated keyword 0, text
  const languageEnd = rest.indexOf(0, 2)
  const translatedEnd = languageEnd < 0 ? -1 : rest.indexOf(0, languageEnd + 1)
  const [compressed = 2, method] = rest
  if (translatedEnd < 0 || compressed > 1 || method !== 0) throw new Damaged('its head is damaged')
  const data = rest.subarray(translatedEnd + 1)
  return compressed ? inflate(data) : bounded(data)
}

/** By the rules two kinds of text hold Latin-1, and programs write UTF-8 all the same. */
function asUtf8(bytes: Uint8Array): Uint8Array {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return bounded(bytes)
  } catch {
    return new TextEncoder().encode(latin1(bounded(bytes)))
  }
}

function bounded(bytes: Uint8Array): Uint8Array {
  if (bytes.length > MAX_TEXT) throw new Damaged(`it has more than ${MAX_TEXT / 2 ** 20} MB`)
  return bytes
}

function parsed(text: Uint8Array): Record<string, Json> {
  let record: Json
  try {
    record = readJson(text)
  } catch (error) {
    throw new Damaged(error instanceof Error ? error.message : String(error))
  }
  if (!isObject(record)) throw new Damaged('it is no JSON object')
  return record
}

/** Each byte as the letter of its number, unlike the decoder of that name, which means another encoding. */
function latin1(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += 4096)
    text += String.fromCharCode(...bytes.subarray(at, at + 4096))
  return text
}

async function inflate(data: Uint8Array): Promise<Uint8Array> {
  const stream = new Blob([data as BlobPart]).stream().pipeThrough(new DecompressionStream('deflate'))
  const reader = stream.getReader()
  const parts: Uint8Array[] = []
  let size = 0
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      size += part.value.length
      if (size > MAX_TEXT) break
      parts.push(part.value)
    }
  } catch {
    throw new Damaged('its compressed text is damaged or cut off')
  }
  if (size > MAX_TEXT) {
    void reader.cancel()
    throw new Damaged(`it has more than ${MAX_TEXT / 2 ** 20} MB`)
  }
  const whole = new Uint8Array(size)
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  // not every browser minds what follows the compressed text, which ends in this sum
  const ends =
    data.length >= 4 && new DataView(data.buffer, data.byteOffset).getUint32(data.length - 4) === adler(whole)
  if (!ends) throw new Damaged('more follows its compressed text')
  return whole
}

/** The checksum of zlib: Adler-32. */
function adler(bytes: Uint8Array): number {
  let [one, other] = [1, 0]
  for (const byte of bytes) {
    one = (one + byte) % 65521
    other = (other + one) % 65521
  }
  return ((other << 16) | one) >>> 0
}

const TABLE = Uint32Array.from({ length: 256 }, (_, value) => {
  let sum = value
  for (let bit = 0; bit < 8; bit++) sum = sum & 1 ? 0xedb88320 ^ (sum >>> 1) : sum >>> 1
  return sum
})

/** The checksum of PNG: CRC-32. */
function crc(bytes: Uint8Array): number {
  let sum = 0xffffffff
  for (const byte of bytes) sum = (TABLE[(sum ^ byte) & 0xff] as number) ^ (sum >>> 8)
  return (sum ^ 0xffffffff) >>> 0
}
