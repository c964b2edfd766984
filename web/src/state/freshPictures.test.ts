import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createFreshPictures } from './freshPictures'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

test('reasons that come together fetch pictures once, later ones again', () => {
  const fresh = createFreshPictures()
  for (let at = 0; at < 5; at++) fresh.lookAgain()
  expect(fresh.getState().times).toBe(0)
  vi.runAllTimers()
  expect(fresh.getState().times).toBe(1)
  fresh.lookAgain()
  vi.runAllTimers()
  expect(fresh.getState().times).toBe(2)
})
