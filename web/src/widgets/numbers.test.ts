import fc from 'fast-check'
import { expect, test } from 'vitest'
import { limitsOf, readNumber, shareOf, stepped, tidy } from './numbers'
import { drawSeed, readSeed } from './seeds'

const CFG = limitsOf({ min: 0, max: 100, step: 0.1 }, 'FLOAT')
const SIZE = limitsOf({ min: 16, max: 16384, step: 8 }, 'INT')

test('steps stay on the grid, within the limits, without the dust of fractions', () => {
  expect(stepped(0.1, 2, CFG)).toBe(0.3)
  expect(stepped(5, -1, CFG)).toBe(4.9)
  expect(stepped(100, 1, CFG)).toBe(100)
  expect(stepped(128, 1, SIZE)).toBe(136)
  expect(stepped(16, -3, SIZE)).toBe(16)
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 100, noNaN: true }),
      fc.integer({ min: -500, max: 500 }),
      (value, steps) => {
        const next = stepped(value, steps, CFG)
        expect(next).toBeGreaterThanOrEqual(0)
        expect(next).toBeLessThanOrEqual(100)
        expect(String(next).length).toBeLessThan(6)
      },
    ),
  )
})

test('whole numbers stay whole', () => {
  expect(tidy(20.6, SIZE)).toBe(21)
  expect(tidy(20.6, limitsOf({ min: null, max: null, step: null }, 'INT,FLOAT'))).toBe(20.6)
})

test.each([
  ['12', 12],
  [' 0,5 ', 0.5],
  ['512*2', 1024],
  ['10 / 4', 2.5],
  ['-3', -3],
  ['1e3', 1000],
  ['', null],
  ['twelve', null],
  ['1/0', null],
])('%j is read as %s', (text, value) => {
  expect(readNumber(text)).toBe(value)
})

test('a share exists only between two limits', () => {
  expect(shareOf(25, CFG)).toBe(0.25)
  expect(shareOf(25, limitsOf({ min: 0, max: null, step: 1 }, 'INT'))).toBeNull()
})

test('seeds keep every digit and never leave their range', () => {
  expect(readSeed('18446744073709551615')).toBe(2n ** 64n - 1n)
  expect(readSeed('18446744073709551616')).toBe(2n ** 64n - 1n)
  expect(readSeed('42')).toBe(42)
  expect(readSeed('-1')).toBeNull()
  expect(readSeed('x')).toBeNull()
  for (let at = 0; at < 100; at++) expect(drawSeed()).toBeLessThan(2 ** 50)
})
