/** Seeds are whole numbers from 0 to 2^64 - 1; those beyond 2^53 are bigint, so that no digit is lost. */
import type { SeedWidget } from '../api/types'
import type { Limits } from './numbers'
import type { Value } from './typed'

/** The limits of a seed field. A whole number with a dice has other limits than a seed. */
export const seedLimits = ({ min, max }: Pick<SeedWidget, 'min' | 'max'>): Limits => ({
  whole: true,
  min: exact(min),
  max: exact(max),
  step: 1,
  multiple: 0,
})

/** JSON parsing reads a limit of 2^64 - 1 as 2^64, because a double cannot hold it. */
function exact(limit: number): Value {
  if (Number.isSafeInteger(limit)) return limit
  return limit > 0 ? BigInt(limit) - 1n : BigInt(limit) + 1n
}

const BITS = 50

export function drawSeed(): number {
  const [high = 0, low = 0] = crypto.getRandomValues(new Uint32Array(2))
  return (high % 2 ** (BITS - 32)) * 2 ** 32 + low
}
