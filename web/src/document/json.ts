/**
 * Reading and writing JSON without losing what the language's own reader loses: the order of keys that look like
 * numbers ("10" before "4"), and whole numbers beyond 2^53 (seeds), which become bigint. What could not be written
 * back as it was is refused: a name that occurs twice, a number beyond all measure. `graph/document/json_text.py` has the same
 * rules; `tests/cases/workflow-files.json` holds both to the same answers.
 */
import type { Json } from '../api/types'

/** Far from the end of the stack. The limit for documents is lower and set by `document/file`. */
const MAX_DEPTH = 900
/** Of a whole number. */
const MAX_DIGITS = 4300
const orders = new WeakMap<object, string[]>()

/** The keys of a parsed object in the order of the text. */
export function keyOrder(value: object): string[] {
  return orders.get(value) ?? Object.keys(value)
}

export type JsonFault =
  | 'not_json'
  | 'not_text'
  | 'duplicate_name'
  | 'number_too_large'
  | 'not_finite'
  | 'too_deep'

export class JsonError extends Error {
  constructor(
    readonly code: JsonFault,
    what: string,
    readonly line: number,
    readonly column: number,
    /** Whether the text ended before its time. */
    readonly cutOff = false,
  ) {
    super(what)
  }
}

/** Line and column of a place in a text, both from 1; letters count once, whatever they take in memory. */
function placeOf(text: string, at: number): [number, number] {
  const before = text.slice(0, at)
  const start = before.lastIndexOf('\n') + 1
  return [before.split('\n').length, [...before.slice(start)].length + 1]
}

/** The text of a file; throws `JsonError` for what is not UTF-8. A byte order mark stays for `parseJson`. */
export function decodeText(bytes: Uint8Array): string {
  const [first, second] = bytes
  const wide = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)
  if (wide || bytes.subarray(0, 4).includes(0))
    throw new JsonError('not_text', 'This is not UTF-8 text; it seems to be UTF-16', 1, 1)
  try {
    return STRICT().decode(bytes)
  } catch {
    const sound = soundBeginning(bytes)
    const byte = bytes[new TextEncoder().encode(sound).length] ?? 0
    throw new JsonError(
      'not_text',
      `This is not UTF-8 text: byte 0x${byte.toString(16).padStart(2, '0')} begins no letter of it`,
      ...placeOf(withoutMark(sound), Number.POSITIVE_INFINITY),
    )
  }
}

const STRICT = () => new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The text before the first bytes that are not UTF-8; the decoder reports only that there are some. */
function soundBeginning(bytes: Uint8Array): string {
  let [sound, good, bad] = ['', 0, bytes.length + 1]
  while (bad - good > 1) {
    const middle = (good + bad) >> 1
    try {
      // in streaming mode it leaves out what may be the beginning of a letter
      sound = STRICT().decode(bytes.subarray(0, middle), { stream: true })
      good = middle
    } catch {
      bad = middle
    }
  }
  return sound
}

const withoutMark = (text: string) => text.replace(/^\ufeff/, '')

const SPACE = /[ \t\r\n]*/y
const NUMBER = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y
const NO_NUMBER = /NaN|-?Infinity/y
const WORDS: [string, Json][] = [
  ['true', true],
  ['false', false],
  ['null', null],
]

class Reader {
  private at = 0

  constructor(private readonly text: string) {}

  document(): Json {
    this.skip()
    if (this.at >= this.text.length) throw this.wrong('it is empty')
    const value = this.value(0)
    this.skip()
    if (this.at < this.text.length) throw this.wrong('more text after the end')
    return value
  }

  private skip(): void {
    SPACE.lastIndex = this.at
    SPACE.exec(this.text)
    this.at = SPACE.lastIndex
  }

  private wrong(what: string, code: JsonFault = 'not_json', at = this.at): JsonError {
    return new JsonError(code, what, ...placeOf(this.text, at), at >= this.text.trimEnd().length)
  }

  private take(letter: string): boolean {
    this.skip()
    if (this.text[this.at] !== letter) return false
    this.at += 1
    return true
  }

  private value(depth: number): Json {
    if (depth > MAX_DEPTH) throw this.wrong('nested too deeply', 'too_deep')
    this.skip()
    const letter = this.text[this.at]
    if (letter === '{') return this.object(depth)
    if (letter === '[') return this.array(depth)
    if (letter === '"') return this.string()
    for (const [word, value] of WORDS) {
      if (this.text.startsWith(word, this.at)) {
        this.at += word.length
        return value
      }
    }
    return this.number()
  }

  private number(): number | bigint {
    NUMBER.lastIndex = this.at
    const found = NUMBER.exec(this.text)
    if (!found) throw this.noNumber()
    const [word, fraction, exponent] = found
    const isWhole = fraction === undefined && exponent === undefined
    if (isWhole && word.length > MAX_DIGITS)
      throw this.wrong(`a number of more than ${MAX_DIGITS} digits`, 'number_too_large')
    const value = Number(word)
    if (isWhole && !Number.isSafeInteger(value)) {
      this.at = NUMBER.lastIndex
      return BigInt(word)
    }
    if (!Number.isFinite(value))
      throw this.wrong(`${shortened(word)} is beyond what can be kept`, 'not_finite')
    this.at = NUMBER.lastIndex
    return isWhole && value === 0 ? 0 : value // a whole number has no negative zero
  }

  private noNumber(): JsonError {
    NO_NUMBER.lastIndex = this.at
    const [word] = NO_NUMBER.exec(this.text) ?? []
    return word ? this.wrong(`${word} is no number in JSON`, 'not_finite') : this.wrong('a value is missing')
  }

  private string(): string {
    this.skip()
    const start = this.at
    if (this.text[start] !== '"') throw this.wrong('text in quotation marks is missing')
    const end = this.endOfString(start)
    if (end < 0) throw new JsonError('not_json', 'a text has no end', ...placeOf(this.text, start), true)
    this.at = end + 1
    try {
      return JSON.parse(this.text.slice(start, end + 1)) as string
    } catch {
      throw this.wrong('a text holds a wrong escape or a bare control character', 'not_json', start)
    }
  }

  /** The quotation mark that ends a text: the first one behind an even number of backslashes. */
  private endOfString(start: number): number {
    for (let at = this.text.indexOf('"', start + 1); at >= 0; at = this.text.indexOf('"', at + 1)) {
      let slashes = 0
      while (this.text[at - 1 - slashes] === '\\') slashes++
      if (slashes % 2 === 0) return at
    }
    return -1
  }

  private array(depth: number): Json[] {
    this.at += 1
    const items: Json[] = []
    if (this.take(']')) return items
    do items.push(this.value(depth + 1))
    while (this.take(','))
    if (!this.take(']')) throw this.wrong('a ] is missing')
    return items
  }

  private object(depth: number): Json {
    this.at += 1
    const entries: [string, Json][] = []
    const names = new Set<string>()
    if (!this.take('}')) {
      do {
        this.skip()
        const start = this.at
        const key = this.string()
        if (names.size === names.add(key).size) throw this.twice(key, start)
        if (!this.take(':')) throw this.wrong('a : is missing')
        entries.push([key, this.value(depth + 1)])
      } while (this.take(','))
      if (!this.take('}')) throw this.wrong('a } is missing')
    }
    // fromEntries defines properties, so that a key "__proto__" stays plain data
    const found = Object.fromEntries(entries)
    orders.set(found, [...names])
    return found
  }

  private twice(name: string, at: number): JsonError {
    return this.wrong(`the name “${shortened(name)}” occurs twice in one object`, 'duplicate_name', at)
  }
}

/** Letters of a title or name that are shown: files may hold any number. */
export const MOST_SHOWN = 120

/** The beginning of a text, for where it is shown beside others. */
export const shortened = (text: string, most = 40): string =>
  text.length > most ? `${text.slice(0, most - 1).replace(/[\ud800-\udbff]$/, '')}…` : text

/** Parse JSON text; throws `JsonError` with the place of the fault. */
export function parseJson(text: string): Json {
  return new Reader(withoutMark(text)).document()
}

/** A number as it is read again: what is no whole number, or a large one that is not exact, stays one. */
function numberText(value: number): string {
  if (Object.is(value, -0)) return '-0.0'
  return Number.isInteger(value) && !Number.isSafeInteger(value)
    ? value.toExponential()
    : JSON.stringify(value)
}

/** Write JSON text. `order` names the keys of an object when it is not their own order. */
export function writeJson(value: unknown, indent = 0, order: (value: object) => string[] = keyOrder): string {
  const write = (item: unknown, pad: string): string => {
    if (typeof item === 'bigint') return String(item)
    if (typeof item === 'number') return numberText(item)
    if (item === null || typeof item !== 'object') return JSON.stringify(item) ?? 'null'
    const inner = pad + ' '.repeat(indent)
    const isList = Array.isArray(item)
    const colon = indent ? ': ' : ':'
    const parts = isList
      ? item.map((part) => write(part, inner))
      : order(item)
          .filter((key) => Object.hasOwn(item, key) && (item as Record<string, unknown>)[key] !== undefined)
          .map((key) => JSON.stringify(key) + colon + write((item as Record<string, unknown>)[key], inner))
    const [open, close] = isList ? '[]' : '{}'
    if (!parts.length) return `${open}${close}`
    const flat = parts.join(indent ? ', ' : ',')
    const short = isList && flat.length < 80 && !flat.includes('\n')
    if (!indent || short) return `${open}${flat}${close}`
    return `${open}\n${inner}${parts.join(`,\n${inner}`)}\n${pad}${close}`
  }
  return write(value, '')
}
