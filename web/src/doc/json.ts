/**
 * Reading and writing JSON without losing what the language's own reader loses: the order of keys that look like
 * numbers ("10" before "4"), and whole numbers beyond 2^53 (seeds), which become bigint.
 */
import type { Json } from '../api/types'

const MAX_DEPTH = 200
const orders = new WeakMap<object, string[]>()

/** The keys of a parsed object in the order of the text. */
export function keyOrder(value: object): string[] {
  return orders.get(value) ?? Object.keys(value)
}

export class JsonError extends Error {
  constructor(
    what: string,
    readonly at: number,
  ) {
    super(what)
  }
}

const SPACE = /[ \t\r\n]*/y
const NUMBER = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y
const TEXT = /"(?:[^"\\\u0000-\u001f]|\\.)*"/y
const WORDS: [string, Json][] = [
  ['true', true],
  ['false', false],
  ['null', null],
]

class Reader {
  private at = 0

  constructor(private readonly text: string) {}

  document(): Json {
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

  private wrong(what: string): JsonError {
    return new JsonError(what, this.at)
  }

  private take(letter: string): boolean {
    this.skip()
    if (this.text[this.at] !== letter) return false
    this.at += 1
    return true
  }

  private value(depth: number): Json {
    if (depth > MAX_DEPTH) throw this.wrong('nested too deeply')
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
    if (!found) throw this.wrong('a value is missing')
    this.at = NUMBER.lastIndex
    const whole = found[1] === undefined && found[2] === undefined
    const value = Number(found[0])
    return whole && !Number.isSafeInteger(value) ? BigInt(found[0]) : value
  }

  private string(): string {
    this.skip()
    TEXT.lastIndex = this.at
    const found = TEXT.exec(this.text)
    if (!found) throw this.wrong('text in quotation marks is missing')
    this.at = TEXT.lastIndex
    try {
      return JSON.parse(found[0]) as string
    } catch {
      throw this.wrong('the text holds a wrong escape')
    }
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
    if (!this.take('}')) {
      do {
        const key = this.string()
        if (!this.take(':')) throw this.wrong('a : is missing')
        entries.push([key, this.value(depth + 1)])
      } while (this.take(','))
      if (!this.take('}')) throw this.wrong('a } is missing')
    }
    // fromEntries defines properties, so that a key "__proto__" stays plain data
    const found = Object.fromEntries(entries)
    orders.set(found, [...new Set(entries.map(([key]) => key))])
    return found
  }
}

/** Parse JSON text; throws `JsonError` with the place of the fault. */
export function parseJson(text: string): Json {
  return new Reader(text.replace(/^\ufeff/, '')).document()
}

/** Write JSON text. `order` names the keys of an object when it is not their own order. */
export function writeJson(value: unknown, indent = 0, order: (value: object) => string[] = keyOrder): string {
  const write = (item: unknown, pad: string): string => {
    if (typeof item === 'bigint') return String(item)
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
