import { describe, expect, test } from 'vitest'
import { collector, comparePaths, isInside } from './paths'

test('paths are in the order of their numbers, the inner ones after the outer ones', () => {
  const sorted = ['9', '9/turn1', '9/turn1/turn2', '9/turn2', '9/turn10', '10']
  expect([...sorted].reverse().sort(comparePaths)).toEqual(sorted)
  expect(comparePaths('a', 'b')).toBe(-comparePaths('b', 'a'))
  expect(comparePaths('7/3', '7/3')).toBe(0)
})

test('a path lies inside the nodes that it names before its end, not in those that only begin alike', () => {
  const open = new Set(['7', '8/2'])
  expect(isInside('7/3', open)).toBe(true)
  expect(isInside('7/3/1', open)).toBe(true)
  expect(isInside('8/2/1', open)).toBe(true)
  expect(isInside('7', open)).toBe(false)
  expect(isInside('70/3', open)).toBe(false)
  expect(isInside('8/3', open)).toBe(false)
})

describe('what lies at a node and below it', () => {
  const record = { 7: ['own'], '7/3': ['three'], '7/10': ['ten'], '70/1': ['other'], 8: ['eight'] }

  test('is in the order of the paths, the own first', () => {
    const collect = collector<string>()
    expect(collect(record, '7')).toEqual(['own', 'three', 'ten'])
    expect(collect(record, '7/3')).toEqual(['three'])
    expect(collect(record, '8')).toEqual(['eight'])
    expect(collect(record, '7/4')).toBeUndefined()
    expect(collect(record, '9')).toBeUndefined()
  })

  test('stays the same list while nothing in it changes, also in a new record', () => {
    const collect = collector<string>()
    const before = collect(record, '7')
    expect(collect({ ...record, 8: ['changed'] }, '7')).toBe(before)
    expect(collect({ ...record, '7/3': ['changed'] }, '7')).toEqual(['own', 'changed', 'ten'])
  })
})
