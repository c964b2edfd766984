import { describe, expect, test } from 'vitest'
import type { RunEvent, RunInfo, ServerMessage } from '../api/types'
import { initialRunState, type RunState, reduceMessage } from './store'

const ME = 'me'
const run = (id: string, more: Partial<RunInfo> = {}): RunInfo => ({
  id,
  status: 'queued',
  title: '',
  position: null,
  attempt: 1,
  created: 1,
  started: null,
  finished: null,
  seconds: null,
  client: ME,
  targets: null,
  node_count: 2,
  problems: [],
  artifacts: {},
  ...more,
})
type Untold = {
  [K in ServerMessage['type']]: Omit<Extract<ServerMessage, { type: K }>, 'seq'>
}[ServerMessage['type']]
const told = (...messages: Untold[]): RunState =>
  messages.reduce(
    (state, message) => reduceMessage(state, { ...message, seq: 1 } as ServerMessage, ME),
    initialRunState,
  )
const events = (...list: Record<string, unknown>[]): Untold => ({
  type: 'events',
  run: 'r',
  events: list.map((event, at) => ({ run: 'r', number: at + 1, ...event })) as unknown as RunEvent[],
})
const running = { type: 'run', run: run('r', { status: 'running' }) } as const
const STARTED = { event: 'run_started', targets: ['2'], to_run: ['2'], reused: ['1'], blocked: ['9'] }
const PICTURE = { folder: 'output', name: 'a.png', media: 'image/png', url: '/a', thumbnail: '/t' }

describe('the run on the nodes', () => {
  test('nodes wait, are reused, run, and end with their time and pictures', () => {
    const state = told(
      running,
      events(
        STARTED,
        { event: 'node_started', node: '2', at: 5 },
        { event: 'node_progressed', node: '2', value: 1, maximum: 4, at: 6 },
      ),
    )
    expect(state.nodes).toMatchObject({
      1: { state: 'reused' },
      2: { state: 'running', value: 1, startedAt: 5 },
      9: { state: 'skipped' },
    })
    const ended = told(
      running,
      events(STARTED, { event: 'node_finished', node: '2', seconds: 1.5, artifacts: [PICTURE] }),
    )
    expect(ended.nodes['2']).toEqual({ state: 'finished', seconds: 1.5 })
    expect(ended.pictures['2']).toEqual([PICTURE])
    expect(ended.lastMaker).toBe('2')
  })

  test('an event that comes twice counts once', () => {
    const twice = { run: 'r', number: 2, event: 'node_started', node: '2' }
    const state = told(
      running,
      events(STARTED),
      events({ ...twice }, { ...twice, event: 'node_failed', number: 2 }),
    )
    expect(state.nodes['2']?.state).toBe('running')
  })

  test('runs of others do not show on the nodes', () => {
    const state = told(
      { type: 'run', run: run('r', { status: 'running', client: 'other' }) },
      events(STARTED),
    )
    expect(state.nodes).toEqual({})
    expect(state.running).toBe('r')
  })

  test('pictures of the run before stay until new ones come', () => {
    const state = told(
      running,
      events(STARTED, { event: 'node_finished', node: '2', seconds: 1, artifacts: [PICTURE] }),
      { type: 'run', run: run('r2', { status: 'running' }) },
    )
    expect(state.shown).toBe('r2')
    expect(state.pictures['2']).toEqual([PICTURE])
  })

  test('a failure stands with its node; nodes that never ran are cancelled with the run', () => {
    const problem = { code: 'node_failed', message: 'no', node: '2' }
    expect(
      told(running, events(STARTED, { event: 'node_failed', node: '2', problem })).problems['2'],
    ).toEqual([problem])
    const cancelled = told(
      running,
      events(STARTED, { event: 'run_finished', status: 'cancelled', seconds: 1 }),
    )
    expect(cancelled.nodes['2']?.state).toBe('cancelled')
    expect(cancelled.nodes['1']?.state).toBe('reused')
  })

  test('a snapshot shows the own run as it is', () => {
    const state = told({
      type: 'snapshot',
      epoch: 'e',
      worker: {} as never,
      queue: [run('q')],
      running: {
        run: run('r', { status: 'running' }),
        nodes: { 2: { state: 'running', value: 3, maximum: 4 } },
      },
      recent: [],
    })
    expect(state).toMatchObject({ shown: 'r', running: 'r', queue: ['q'], nodes: { 2: { value: 3 } } })
  })
})

test('the queue takes in, lets go, and follows the order of the server', () => {
  const state = told(
    { type: 'run', run: run('a') },
    { type: 'run', run: run('b') },
    { type: 'queue', order: ['b', 'a'] },
  )
  expect(state.queue).toEqual(['b', 'a'])
  const gone = reduceMessage(state, { type: 'run', seq: 3, run: run('b', { status: 'cancelled' }) }, ME)
  expect(gone.queue).toEqual(['a'])
})
