import { describe, expect, test } from 'vitest'
import { emptyHistory, type History, LIMIT, record, redoNext, type Step, takeBack } from './history'

const step = (label: string, more: Partial<Step> = {}): Step => ({
  label,
  patches: [{ op: 'add', path: [label], value: 1 }],
  inverse: [{ op: 'remove', path: [label] }],
  path: [],
  merge: '',
  at: 0,
  ...more,
})
const labels = ({ past, future }: History) => [past.map((one) => one.label), future.map((one) => one.label)]

describe('steps of one gesture', () => {
  const typed = (at: number, label: string) => step(label, { merge: 'set:1.text', at })

  test('become one, which is undone in the opposite order', () => {
    const { past } = record(record(emptyHistory, typed(0, 'a')), typed(1_000, 'b'))
    expect(past).toHaveLength(1)
    expect(past[0]?.patches.map(({ path }) => path)).toEqual([['a'], ['b']])
    expect(past[0]?.inverse.map(({ path }) => path)).toEqual([['b'], ['a']])
  })

  test('go on as long as none is late after the one before it', () => {
    const all = [0, 1_000, 2_000, 3_000].map((at) => typed(at, String(at)))
    expect(all.reduce(record, emptyHistory).past).toHaveLength(1)
    expect(record(record(emptyHistory, typed(0, 'a')), typed(2_000, 'b')).past).toHaveLength(2)
  })

  test('stay apart from those of another field, and from steps without a key', () => {
    const other = step('b', { merge: 'set:2.text', at: 1 })
    expect(record(record(emptyHistory, typed(0, 'a')), other).past).toHaveLength(2)
    expect(record(record(emptyHistory, step('a')), step('b')).past).toHaveLength(2)
  })

  test('do not grow a step that was undone and done again', () => {
    const undone = takeBack(record(emptyHistory, typed(0, 'a')))?.[1] as History
    const again = redoNext(undone)?.[1] as History
    expect(record(again, typed(1, 'b')).past).toHaveLength(2)
  })
})

test('undo and redo go along the same steps, and a new one drops those that were undone', () => {
  const two = record(record(emptyHistory, step('a')), step('b'))
  const [undone, one] = takeBack(two) as [Step, History]
  expect([undone.label, ...labels(one)]).toEqual(['b', ['a'], ['b']])
  const [redone, both] = redoNext(one) as [Step, History]
  expect([redone.label, ...labels(both)]).toEqual(['b', ['a', 'b'], []])
  expect(labels(record(one, step('c')))).toEqual([['a', 'c'], []])
  expect(takeBack(emptyHistory)).toBeNull()
  expect(redoNext(two)).toBeNull()
})

test('the oldest steps are dropped beyond the limit', () => {
  let history = emptyHistory
  for (let at = 0; at < LIMIT + 3; at++) history = record(history, step(String(at)))
  expect(history.past).toHaveLength(LIMIT)
  expect(history.past[0]?.label).toBe('3')
})
