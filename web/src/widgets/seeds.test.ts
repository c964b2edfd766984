import { expect, test } from 'vitest'
import { drawSeed, seedLimits } from './seeds'

test('the limits keep every digit of the largest seed', () => {
  expect(seedLimits({ min: 0, max: 2 ** 64 })).toMatchObject({
    whole: true,
    min: 0,
    max: 2n ** 64n - 1n,
    step: 1,
  })
  expect(seedLimits({ min: -(2 ** 63), max: 2 ** 53 - 1 })).toMatchObject({
    min: -(2n ** 63n) + 1n,
    max: Number.MAX_SAFE_INTEGER,
  })
})

test('drawn seeds are whole numbers that can be read and typed again', () => {
  const drawn = Array.from({ length: 200 }, drawSeed)
  for (const seed of drawn) {
    expect(Number.isSafeInteger(seed)).toBe(true)
    expect(seed).toBeGreaterThanOrEqual(0)
    expect(seed).toBeLessThan(2 ** 50)
  }
  expect(new Set(drawn).size).toBe(200)
  expect(drawn.some((seed) => seed > 2 ** 40)).toBe(true)
})
