/**
 * A number from what a person typed, one reader for every field. It takes the ways in which numbers are written: blanks,
 * commas, points and apostrophes between thousands, a decimal comma, signs and digits of other scripts, `px`, and a sum
 * such as 512*2. A text that can mean two numbers that both fit is refused, so that nobody gets another number than the one meant.
 * `tests/cases/typed-numbers.json` tells what is taken.
 */

export type Value = number | bigint

export interface Asked {
  whole: boolean
  min: Value
  max: Value
}

/** What was understood; `note` when it is worth saying. */
export type Typed = { value: Value; note?: string } | { wrong: string }

/** The letters of ASCII in the width of an East Asian one, as an input method writes them. */
const WIDE = /[\uff01-\uff5e]/g
const MINUS = /[\u2010-\u2015\u2212\ufe63]/g
const BLANK = /[\u00a0\u2000-\u200a\u202f\u205f\u3000\t]/g
/** What the key of the point gives while such a method is on. */
const POINT = /[\u3002\uff61]/g
const COMMA = /\u066b/g
const APOSTROPHE = /[\u2018\u2019\u02bc_\u066c]/g
/** The zeros of scripts that people type numbers in; their digits follow them. */
const ZEROS = [0x660, 0x6f0, 0x966]
const GROUPED = /^\d{1,3}([ ,.'])\d{3}(?:\1\d{3})*$/
/** Lakhs and crores. */
const IN_PAIRS = /^\d{1,2}(?:,\d{2})+,\d{3}$/
const SUM = /^(.*[\d.,\s])\s*([-+*/\u00f7])\s*([-+]?\s*[\d.,].*)$/

const LONGEST = 120

/** In the letters that a keyboard of numbers has. */
function plain(text: string): string {
  return text
    .replace(WIDE, (letter) => String.fromCharCode(letter.charCodeAt(0) - 0xfee0))
    .replace(/[\u0660-\u0669\u06f0-\u06f9\u0966-\u096f]/g, (digit) => {
      const code = digit.charCodeAt(0)
      return String(code - (ZEROS.findLast((zero) => zero <= code) as number))
    })
    .replace(MINUS, '-')
    .replace(BLANK, ' ')
    .replace(POINT, '.')
    .replace(COMMA, ',')
    .replace(APOSTROPHE, "'")
    .trim()
    .replace(/\s*(?:px|pixels?)$/i, '')
}

/** Read what was typed; null for nothing at all. */
export function readTyped(text: string, asked: Asked): Typed | null {
  const written = plain(text)
  if (!written) return null
  if (written.length > LONGEST) return { wrong: 'This is too long for a number.' }
  const one = readOne(written, asked)
  if (one) return one
  const sum = SUM.exec(written)
  const [left, right] = [sum?.[1], sum?.[3]].map((part) => part && readOne(part.trim(), ANY))
  const result = sum && left && right && calculated(left, sum[2] as string, right)
  if (result !== undefined && result !== null && result !== '') return result
  return { wrong: `“${cut(text.trim())}” is not a number.` }
}

const ANY: Asked = { whole: false, min: Number.NEGATIVE_INFINITY, max: Number.POSITIVE_INFINITY }

function calculated(left: Typed, operator: string, right: Typed): Typed {
  if ('wrong' in left) return left
  if ('wrong' in right) return right
  const [one, other] = [Number(left.value), Number(right.value)]
  const result = { '+': one + other, '-': one - other, '*': one * other, '/': one / other, '÷': one / other }[
    operator
  ]
  if (result === undefined || !Number.isFinite(result)) return { wrong: 'This sum has no result.' }
  return { value: Number(result.toPrecision(15)) } // without the dust of binary fractions
}

/** One number, or null when it is none. */
function readOne(written: string, asked: Asked): Typed | null {
  const [, sign = '', body = '', exponent = ''] = /^([-+]?)\s*([\d .,']+)(e[-+]?\d+)?$/i.exec(written) ?? []
  const readings = meanings(body, asked.whole, exponent !== '')
  if (!readings) return null
  const values = readings.map((digits) =>
    numberFrom((sign === '-' ? '-' : '') + digits, exponent, asked.whole),
  )
  if (values.some((value) => value === null)) return { wrong: 'This number is too large.' }
  const [first, other] = values as Value[]
  if (first === undefined) return null
  if (other === undefined || other === first) return { value: first, ...pointNote(written, first, asked) }
  const fitting = [first, other].filter((value) => value >= asked.min && value <= asked.max)
  const [only] = fitting
  if (fitting.length === 1 && only !== undefined)
    return { value: only, note: `“${cut(written)}” was taken for ${only}.` }
  return { wrong: `“${cut(written)}” can mean ${first} or ${other}: write one of these.` }
}

/** A note where a point was read as a separator, since it marks a fraction elsewhere. */
function pointNote(written: string, value: Value, asked: Asked): { note?: string } {
  const isPoint = asked.whole && /^[-+]?\d{1,3}\.\d{3}$/.test(written) && Number(written) !== Number(value)
  return isPoint ? { note: `“${written}” was taken for ${value}.` } : {}
}

/**
 * What digits with separators can mean, as digits with a point. None when it is no number; two when the only separator
 * may stand between thousands or before a fraction.
 */
function meanings(text: string, whole: boolean, isScientific: boolean): string[] | null {
  const body = text.trim()
  if (!/\d/.test(body)) return null
  const marks = [...body.replace(/\d/g, '')]
  const kinds = [...new Set(marks)]
  const last = kinds.at(-1)
  if (last === undefined) return [body]
  const together = body.replace(/\D/g, '')
  const isGrouped = (part: string) => (GROUPED.test(part) && !part.startsWith('0')) || IN_PAIRS.test(part)
  if (kinds.length === 1 && (marks.length > 1 || " '".includes(last)))
    return isGrouped(body) ? [together] : null
  const at = body.lastIndexOf(last)
  const [before, after] = [body.slice(0, at), body.slice(at + 1)]
  if (kinds.length > 2 || " '".includes(last) || marks.indexOf(last) !== marks.length - 1) return null
  const fraction = `${before.replace(/\D/g, '') || '0'}.${after || '0'}`
  if (kinds.length === 2) return isGrouped(before) ? [fraction] : null
  if (isScientific || !isGrouped(body)) return [fraction]
  if (whole) return [together]
  return last === '.' ? [fraction] : [together, fraction]
}

/** The number that digits stand for; null beyond all measure. A whole one keeps every digit. */
function numberFrom(digits: string, exponent: string, whole: boolean): Value | null {
  const value = Number(digits + exponent)
  if (!Number.isFinite(value)) return null
  if (whole && Number.isInteger(value) && !Number.isSafeInteger(value))
    return BigInt(exponent || digits.includes('.') ? value : digits)
  return value === 0 ? 0 : value
}

const cut = (text: string) => (text.length > 24 ? `${text.slice(0, 23)}…` : text)
