/** The arithmetic of number fields: steps, limits, multiples. `typed.ts` reads the text that a person typed. */
import type { NumberWidget } from '../api/types'
import { readTyped, type Typed, type Value } from './typed'

export interface Limits {
  whole: boolean
  min: Value
  max: Value
  step: number
  /** Only multiples of this are accepted; 0 accepts all. */
  multiple: number
}

type WrittenLimits = Pick<NumberWidget, 'min' | 'max' | 'step'> & { multiple_of?: number | null }

export function limitsOf(widget: WrittenLimits, type: string): Limits {
  const whole = type.split(',').includes('INT') && !type.split(',').includes('FLOAT')
  const multiple = widget.multiple_of ?? 0
  const [min, max] = [widget.min ?? Number.NEGATIVE_INFINITY, widget.max ?? Number.POSITIVE_INFINITY]
  const step = widget.step ?? (whole ? 1 : 0.01)
  if (!multiple) return { whole, min, max, step, multiple }
  return {
    whole,
    min: Math.ceil(min / multiple) * multiple,
    max: Math.floor(max / multiple) * multiple,
    step: Math.max(1, Math.round(step / multiple)) * multiple,
    multiple,
  }
}

const digitsOf = (step: number) => Math.min(10, (String(step).split('.')[1] ?? '').length)

const within = (value: Value, { min, max }: Limits): Value => (value < min ? min : value > max ? max : value)

/** The nearest accepted number: within the limits, whole or a multiple where required. */
export function fitted(value: Value, limits: Limits): Value {
  if (typeof value === 'bigint') return within(value, limits)
  const { multiple } = limits
  const near = multiple ? Math.round(value / multiple) * multiple : limits.whole ? Math.round(value) : value
  return within(near, limits)
}

/** The value some steps away, on the grid of steps. */
export function stepped(value: Value, steps: number, limits: Limits): Value {
  if (typeof value === 'bigint') return within(value + BigInt(Math.round(steps * limits.step)), limits)
  const origin = typeof limits.min === 'number' && Number.isFinite(limits.min) ? limits.min : 0
  const grid = origin + Math.round((value - origin) / limits.step + steps) * limits.step
  return fitted(Number(grid.toFixed(digitsOf(limits.step))), limits) // removes the rounding errors of binary fractions
}

/** The number that the field accepts for a typed text, with a note when it differs. Null for an empty text. */
export function acceptTyped(text: string, limits: Limits): Typed | null {
  const typed = readTyped(text, limits)
  if (!typed || 'wrong' in typed) return typed
  const value = fitted(typed.value, limits)
  if (value === typed.value) return typed
  return { value, note: adjustmentNote(typed.value, value, limits) }
}

function adjustmentNote(typed: Value, value: Value, { min, max, multiple }: Limits): string {
  if (typed < min) return `${typed} is too small: the least is ${min}.`
  if (typed > max) return `${typed} is too large: the most is ${max}.`
  if (multiple) return `${typed} became ${value}: it has to be a multiple of ${multiple}.`
  return `${typed} became ${value}: it has to be a whole number.`
}

/** The share of the way from min to max; null without limits. */
export function shareOf(value: Value, { min, max }: Limits): number | null {
  const span = Number(max) - Number(min)
  return Number.isFinite(span) && span > 0
    ? Math.min(1, Math.max(0, (Number(value) - Number(min)) / span))
    : null
}
