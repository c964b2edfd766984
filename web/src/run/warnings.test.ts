/** Warnings of nodes: folded from events, kept with the node, counted with those inside it. */
import { expect, test } from 'vitest'
import type { RunEvent } from '../api/types'
import { foldEvents, NO_STATES, statesOf } from './states'
import { allWarnings, warningCount, warningsOf } from './warnings'

const numbered = (list: object[]) =>
  list.map((event, at) => ({ run: 'r', at: 0, number: at + 1, ...event }) as unknown as RunEvent)
const warned = (node: string, more: number, ...messages: string[]) => ({
  event: 'node_warned',
  node,
  warnings: messages.map((message) => ({ message })),
  more,
})

test('a warning stays with its node, whatever becomes of it, until the next run begins', () => {
  const start = { event: 'run_started', to_run: ['1'], reused: ['2'], blocked: [] }
  const events = [
    start,
    warned('2', 0, 'it is empty'),
    { event: 'node_started', node: '1' },
    warned('1', 0, 'a'),
    warned('1', 3, 'a', 'b'),
    { event: 'node_progressed', node: '1', value: 1, maximum: 2 },
    { event: 'node_finished', node: '1', seconds: 1, artifacts: [] },
    { event: 'run_finished', status: 'finished', seconds: 1 },
  ]
  const states = foldEvents(NO_STATES, numbered(events))
  expect(states.nodes['2']?.state).toBe('reused')
  expect(allWarnings(states)).toBe(6)
  expect(warningsOf(states, '1').map(({ words }) => words)).toEqual(['a', 'b', 'and 3 more'])
  const again = foldEvents(states, [{ ...numbered([start])[0], number: 99 } as RunEvent])
  expect(allWarnings(again)).toBe(0)
})

test('what nodes inside warn of is counted at the node that is seen', () => {
  const states = foldEvents(
    NO_STATES,
    numbered([warned('7/3', 0, 'a'), warned('70', 0, 'b'), warned('7', 0, 'c')]),
  )
  expect(warningCount(states, '7')).toBe(2)
  expect(warningsOf(states, '7').map(({ path }) => path)).toEqual(['7/3', '7'])
  expect(warningsOf(states)).toHaveLength(3)
})

test('who comes later is told the same; of a stream, which items', () => {
  const states = statesOf({
    '1': { state: 'finished', warnings: [{ message: 'it is cut', item: [4], times: 3 }] },
    '2': { state: 'finished' },
  })
  expect(warningsOf(states)).toEqual([{ path: '1', words: 'Item 4 and 2 more: it is cut' }])
  expect(warningCount(states, '2')).toBe(0)
})
