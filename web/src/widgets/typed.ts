/**
 * Parses a typed number, for every number field. Accepts blanks, commas, points and apostrophes between thousands, a
 * decimal comma, signs and digits of other scripts, `px`, and a sum such as 512*2. Refuses a text that can mean two
 * numbers within the limits. `tests/cases/typed-numbers.json` lists the cases.
 */

export type Value = number | bigint

export interface NumberRange {
  whole: boolean
  min: Value
  max: Value
}

/** The parsed number, with a note for the person where the text has another common reading; or why it is refused. */
export type Typed = { value: Value; note?: string } | { wrong: string }

/** The full-width forms of ASCII, which East Asian input methods write. */
const WIDE = /[\uff01-\uff5e]/g
const MINUS = /[\u2010-\u2015\u2212\ufe63]/g
const BLANK = /[\u00a0\u2000-\u200a\u202f\u205f\u3000\t]/g
/** The full stops that these input methods write. */
const POINT = /[\u3002\uff61]/g
const COMMA = /\u066b/g
const APOSTROPHE = /[\u2018\u2019\u02bc_\u066c]/g
/** The zeros of other scripts; the other digits follow each zero. */
const ZEROS = [0x660, 0x6f0, 0x966]
const GROUPED = /^\d{1,3}([ ,.'])\d{3}(?:\1\d{3})*$/
/** Indian grouping: lakhs and crores. */
const IN_PAIRS = /^\d{1,2}(?:,\d{2})+,\d{3}$/
const SUM = /^(.*[\d.,\s])\s*([-+*/\u00f7])\s*([-+]?\s*[\d.,].*)$/

const MAX_LENGTH = 120

/** Replaces characters of other scripts and widths by those of ASCII. */
function toAscii(text: string): string {
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

/** Parses a typed text; null for an empty one. */
export function readTyped(text: string, range: NumberRange): Typed | null {
  const written = toAscii(text)
  if (!written) return null
  if (written.length > MAX_LENGTH) return { wrong: 'This is too long for a number.' }
  const one = readOne(written, range)
  if (one) return one
  const sum = SUM.exec(written)
  const [left, right] = [sum?.[1], sum?.[3]].map((part) => part && readOne(part.trim(), ANY))
  const result = sum && left && right && calculate(left, sum[2] as string, right)
  if (result !== undefined && result !== null && result !== '') return result
  return { wrong: `“${abbreviated(text.trim())}” is not a number.` }
}

const ANY: NumberRange = { whole: false, min: Number.NEGATIVE_INFINITY, max: Number.POSITIVE_INFINITY }

function calculate(left: Typed, operator: string, right: Typed): Typed {
  if ('wrong' in left) return left
  if ('wrong' in right) return right
  const [one, other] = [Number(left.value), Number(right.value)]
  const result = { '+': one + other, '-': one - other, '*': one * other, '/': one / other, '÷': one / other }[
    operator
  ]
  if (result === undefined || !Number.isFinite(result)) return { wrong: 'This sum has no result.' }
  return { value: Number(result.toPrecision(15)) } // removes the rounding errors of binary fractions
}

/** Parses one number; null when the text is none. */
function readOne(written: string, range: NumberRange): Typed | null {
  const [, sign = '', body = '', exponent = ''] = /^([-+]?)\s*([\d .,']+)(e[-+]?\d+)?$/i.exec(written) ?? []
  const readings = possibleReadings(body, range.whole, exponent !== '')
  if (!readings) return null
  const values = readings.map((digits) =>
    numberFrom((sign === '-' ? '-' : '') + digits, exponent, range.whole),
  )
  if (values.some((value) => value === null)) return { wrong: 'This number is too large.' }
  const [first, other] = values as Value[]
  if (first === undefined) return null
  if (other === undefined || other === first) return { value: first, ...pointNote(written, first, range) }
  const fitting = [first, other].filter((value) => value >= range.min && value <= range.max)
  const [only] = fitting
  if (fitting.length === 1 && only !== undefined)
    return { value: only, note: `“${abbreviated(written)}” was taken for ${only}.` }
  return { wrong: `“${abbreviated(written)}” can mean ${first} or ${other}: write one of these.` }
}

/** A note where a point was read as a separator of thousands: in other places it is a decimal point. */
function pointNote(written: string, value: Value, range: NumberRange): { note?: string } {
  const isPoint = range.whole && /^[-+]?\d{1,3}\.\d{3}$/.test(written) && Number(written) !== Number(value)
  return isPoint ? { note: `“${written}” was taken for ${value}.` } : {}
}

/**
 * The possible readings of digits with separators, as digits with a decimal point. Null when the text is no number; two
 * when the only separator can be one of thousands or a decimal one.
 */
function possibleReadings(text: string, whole: boolean, isScientific: boolean): string[] | null {
  const body = text.trim()
  if (!/\d/.test(body)) return null
  const separators = [...body.replace(/\d/g, '')]
  const kinds = [...new Set(separators)]
  const last = kinds.at(-1)
  if (last === undefined) return [body]
  const together = body.replace(/\D/g, '')
  const isGrouped = (part: string) => (GROUPED.test(part) && !part.startsWith('0')) || IN_PAIRS.test(part)
  if (kinds.length === 1 && (separators.length > 1 || " '".includes(last)))
    return isGrouped(body) ? [together] : null
  const at = body.lastIndexOf(last)
  const [before, after] = [body.slice(0, at), body.slice(at + 1)]
  if (kinds.length > 2 || " '".includes(last) || separators.indexOf(last) !== separators.length - 1)
    return null
  const fraction = `${before.replace(/\D/g, '') || '0'}.${after || '0'}`
  if (kinds.length === 2) return isGrouped(before) ? [fraction] : null
  if (isScientific || !isGrouped(body)) return [fraction]
  if (whole) return [together]
  return last === '.' ? [fraction] : [together, fraction]
}

/** The number of these digits; null when it is infinite. Whole numbers keep every digit. */
function numberFrom(digits: string, exponent: string, whole: boolean): Value | null {
  const value = Number(digits + exponent)
  if (!Number.isFinite(value)) return null
  if (whole && Number.isInteger(value) && !Number.isSafeInteger(value))
    return BigInt(exponent || digits.includes('.') ? value : digits)
  return value === 0 ? 0 : value
}

const abbreviated = (text: string) => (text.length > 24 ? `${text.slice(0, 23)}…` : text)
