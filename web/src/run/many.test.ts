/** Runs of very many items and turns: what the page holds is bounded, and what a message costs does not grow with them. */
import { expect, test } from 'vitest'
import type { RunEvent, RunInfo } from '../api/types'
import { foldEvents, MOST_STATES, NO_STATES, shownState } from './states'
import { initialRunState, picturesOf, type RunState, reduceMessage } from './store'

const ME = 'me'
const begun = (): RunState =>
  reduceMessage(
    initialRunState,
    {
      type: 'run',
      seq: 1,
      run: {
        ...{ id: 'r', status: 'running', title: '', position: null, attempt: 1, created: 1, started: 1 },
        ...{
          finished: null,
          seconds: null,
          client: ME,
          targets: null,
          node_count: 1,
          problems: [],
          failures: [],
          problem_count: 0,
          warnings: {},
          warning_count: 0,
          artifacts: {},
          artifact_counts: {},
          cancelling: false,
          draining: false,
        },
      },
    },
    ME,
  )
const artifact = (name: string) => ({
  folder: 'output',
  name,
  media: 'image/png',
  url: `/${name}`,
  thumbnail: '',
})
const numbered = (list: object[]) =>
  list.map((event, at) => ({ run: 'r', at: 0, number: at + 1, ...event }) as unknown as RunEvent)

test('of the pictures of a loop those of the last turns are held', () => {
  const turns = Array.from({ length: 5_000 }, (_, at) => ({
    event: 'node_finished',
    node: `9/turn${at}/4`,
    seconds: 1,
    artifacts: [artifact(`${at}.png`)],
  }))
  const state = reduceMessage(begun(), { type: 'events', seq: 2, run: 'r', events: numbered(turns) }, ME)
  const pictures = picturesOf(state, '9')
  expect(pictures).toHaveLength(1_000)
  expect(pictures.at(-1)?.name).toBe('4999.png')
  expect(Object.keys(state.makers)).toHaveLength(1_000)
})

test('of runs that are over the last hundred are held, and the one that is shown', () => {
  let state = begun()
  for (let at = 0; at < 300; at++) {
    const run = {
      ...(state.runs.r as RunInfo),
      id: `e${at}`,
      client: 'other',
      status: 'finished' as const,
      finished: at + 1,
    }
    state = reduceMessage(state, { type: 'run', seq: 1, run }, ME)
  }
  expect(Object.keys(state.runs)).toHaveLength(101)
  expect([state.runs.e199, state.runs.e200?.id, state.runs.r?.id]).toEqual([undefined, 'e200', 'r'])
})

test('the list of runs holds none of their pictures, which stand on the nodes', () => {
  const artifacts = Object.fromEntries(
    Array.from({ length: 500 }, (_, at) => [`9/turn${at}/4`, [artifact(`${at}.png`)]]),
  )
  const run = { ...(begun().runs.r as RunInfo), artifacts }
  const state = reduceMessage(initialRunState, { type: 'run', seq: 1, run }, ME)
  expect(state.runs.r?.artifacts).toEqual({})
  expect(picturesOf(state, '9')).toHaveLength(500)
})

test('what ran in the place of a node shows its pictures at once, and the node the same ones at its end', () => {
  const turns = [0, 1, 2].map((at) => ({
    event: 'node_finished',
    node: `9/turn${at}/4`,
    seconds: 1,
    artifacts: [artifact(`${at}.png`)],
  }))
  const all = [0, 1, 2].map((at) => artifact(`${at}.png`))
  const ended = { event: 'node_finished', node: '9', seconds: 1, artifacts: all }
  let state = reduceMessage(begun(), { type: 'events', seq: 2, run: 'r', events: numbered(turns) }, ME)
  expect(picturesOf(state, '9')).toHaveLength(3)
  state = reduceMessage(state, { type: 'events', seq: 3, run: 'r', events: numbered([ended]) }, ME)
  expect(picturesOf(state, '9')).toEqual(all)
})

test('and of those that it shows at its end once more, the last hundred', () => {
  const artifacts = Array.from({ length: 5_000 }, (_, at) => artifact(`${at}.png`))
  const ended = numbered([{ event: 'node_finished', node: '9', seconds: 1, artifacts }])
  const state = reduceMessage(begun(), { type: 'events', seq: 2, run: 'r', events: ended }, ME)
  expect(picturesOf(state, '9')).toHaveLength(100)
  expect(picturesOf(state, '9').at(-1)?.name).toBe('4999.png')
})

test('nodes inside others are let go when they end and there are too many; the sums stay right', () => {
  const turns = Math.ceil(MOST_STATES / 2) + 500
  const events = Array.from({ length: turns }, (_, at) => [
    { event: 'node_started', node: `9/turn${at}/1` },
    { event: 'node_finished', node: `9/turn${at}/1`, seconds: 1 },
    { event: 'node_finished', node: `9/turn${at}/2`, seconds: 2 },
  ]).flat()
  const states = foldEvents(NO_STATES, numbered([{ event: 'node_started', node: '9' }, ...events]))
  expect(Object.keys(states.nodes).length).toBeLessThanOrEqual(MOST_STATES + 1)
  expect(Object.keys(states.groups).length).toBeLessThan(turns)
  expect(states.groups['9']).toMatchObject({ counts: { finished: 2 * turns }, seconds: 3 * turns })
  expect(shownState(states, '9')).toMatchObject({ state: 'running', value: 2 * turns })
})
