/** The workflow inside a picture: the iTXt chunk `jacquard` of a PNG. */

const SIGNATURE = [137, 80, 78, 71, 13, 10, 26, 10]
const KEYWORD = 'jacquard'
const MAX_TEXT = 16 * 2 ** 20

export function isPng(bytes: Uint8Array): boolean {
  return SIGNATURE.every((value, at) => bytes[at] === value)
}

/** The text of the `jacquard` chunk, or null when the PNG has none. Damaged files give null, never an exception. */
export async function readPngText(bytes: Uint8Array): Promise<string | null> {
  if (!isPng(bytes)) return null
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let at = SIGNATURE.length
  while (at + 12 <= bytes.length) {
    const length = view.getUint32(at)
    const kind = String.fromCharCode(...bytes.subarray(at + 4, at + 8))
    const end = at + 8 + length
    if (end > bytes.length || kind === 'IEND') return null
    if (kind === 'iTXt') {
      const text = await textOf(bytes.subarray(at + 8, end))
      if (text !== null) return text
    }
    at = end + 4
  }
  return null
}

/** iTXt: keyword 0, compressed?, method, language 0, translated keyword 0, text. */
async function textOf(chunk: Uint8Array): Promise<string | null> {
  const keywordEnd = chunk.indexOf(0)
  if (keywordEnd < 0 || new TextDecoder('latin1').decode(chunk.subarray(0, keywordEnd)) !== KEYWORD)
    return null
  const compressed = chunk[keywordEnd + 1] === 1
  const languageEnd = chunk.indexOf(0, keywordEnd + 3)
  const translatedEnd = languageEnd < 0 ? -1 : chunk.indexOf(0, languageEnd + 1)
  if (translatedEnd < 0) return null
  const data = chunk.subarray(translatedEnd + 1)
  try {
    const bytes = compressed ? await inflate(data) : data
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return null
  }
}

async function inflate(data: Uint8Array): Promise<Uint8Array> {
  const stream = new Blob([data as BlobPart]).stream().pipeThrough(new DecompressionStream('deflate'))
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of stream as unknown as AsyncIterable<Uint8Array>) {
    size += part.length
    if (size > MAX_TEXT) throw new Error('the text of the picture is too long')
    parts.push(part)
  }
  const whole = new Uint8Array(size)
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
