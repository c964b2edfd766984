/** The arithmetic of number fields: steps, limits, reading what was typed. No screen here. */
import type { NumberWidget } from '../api/types'

export interface Limits {
  whole: boolean
  min: number
  max: number
  step: number
}

export function limitsOf(widget: Pick<NumberWidget, 'min' | 'max' | 'step'>, type: string): Limits {
  const whole = type.split(',').includes('INT') && !type.split(',').includes('FLOAT')
  return {
    whole,
    min: widget.min ?? Number.NEGATIVE_INFINITY,
    max: widget.max ?? Number.POSITIVE_INFINITY,
    step: widget.step ?? (whole ? 1 : 0.01),
  }
}

const digitsOf = (step: number) => Math.min(10, (String(step).split('.')[1] ?? '').length)

/** Within the limits; whole where it has to be; without the dust of binary fractions. */
export function tidy(value: number, limits: Limits): number {
  const inside = Math.min(limits.max, Math.max(limits.min, value))
  return limits.whole ? Math.round(inside) : Number(inside.toFixed(Math.max(6, digitsOf(limits.step))))
}

/** The value that lies some steps away, on the grid of steps. */
export function stepped(value: number, steps: number, limits: Limits): number {
  const origin = Number.isFinite(limits.min) ? limits.min : 0
  const grid = origin + Math.round((value - origin) / limits.step + steps) * limits.step
  return tidy(Number(grid.toFixed(digitsOf(limits.step))), limits)
}

/** A number from what a person typed: a decimal comma and simple sums (512*2) are understood; null if it is none. */
export function readNumber(text: string): number | null {
  const plain = text.trim().replace(',', '.')
  if (!plain) return null
  const value = Number(plain)
  if (Number.isFinite(value)) return value
  const sum = /^(-?[\d.]+)\s*([-+*/])\s*(-?[\d.]+)$/.exec(plain)
  if (!sum) return null
  const [one, other] = [Number(sum[1]), Number(sum[3])]
  const results: Record<string, number> = {
    '+': one + other,
    '-': one - other,
    '*': one * other,
    '/': one / other,
  }
  const result = results[sum[2] as string] as number
  return Number.isFinite(result) ? result : null
}

/** How much of the way from min to max; null where there are no limits. */
export function shareOf(value: number, limits: Limits): number | null {
  const span = limits.max - limits.min
  return Number.isFinite(span) && span > 0 ? Math.min(1, Math.max(0, (value - limits.min) / span)) : null
}
