import { describe, expect, test } from 'vitest'
import type { RunEvent, RunInfo, ServerMessage } from '../api/types'
import {
  initialRunState,
  nodeRun,
  picturesOf,
  problemsOf,
  type RunState,
  reduceMessage,
  showDetail,
  statesShown,
} from './store'

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
  failures: [],
  problem_count: 0,
  warnings: {},
  warning_count: 0,
  artifacts: {},
  artifact_counts: {},
  cancelling: false,
  draining: false,
  ...more,
})
type Unnumbered = {
  [K in ServerMessage['type']]: Omit<Extract<ServerMessage, { type: K }>, 'seq'>
}[ServerMessage['type']]
const received = (...messages: Unnumbered[]): RunState =>
  messages.reduce(
    (state, message) => reduceMessage(state, { ...message, seq: 1 } as ServerMessage, ME),
    initialRunState,
  )
const events = (...list: Record<string, unknown>[]): Unnumbered => ({
  type: 'events',
  run: 'r',
  events: list.map((event, at) => ({ run: 'r', number: at + 1, ...event })) as unknown as RunEvent[],
})
const running = { type: 'run', run: run('r', { status: 'running' }) } as const
const STARTED = { event: 'run_started', targets: ['2'], to_run: ['2'], reused: ['1'], blocked: ['9'] }
const PICTURE = { folder: 'output', name: 'a.png', media: 'image/png', url: '/a', thumbnail: '/t' }

describe('the run on the nodes', () => {
  test('nodes wait, are reused, run, and end with their time and pictures', () => {
    const state = received(
      running,
      events(
        STARTED,
        { event: 'node_started', node: '2', at: 5 },
        { event: 'node_progressed', node: '2', value: 1, maximum: 4, at: 6 },
      ),
    )
    expect(statesShown(state).nodes).toMatchObject({
      1: { state: 'reused' },
      2: { state: 'running', value: 1, startedAt: 5 },
      9: { state: 'skipped' },
    })
    const ended = received(
      running,
      events(STARTED, { event: 'node_finished', node: '2', seconds: 1.5, artifacts: [PICTURE] }),
    )
    expect(nodeRun(ended, '2')).toEqual({ state: 'finished', seconds: 1.5 })
    expect(ended.pictures['2']).toEqual([PICTURE])
    expect(ended.lastMaker).toBe('2')
  })

  test('an event that comes twice counts once', () => {
    const twice = { run: 'r', number: 2, event: 'node_started', node: '2' }
    const state = received(
      running,
      events(STARTED),
      events({ ...twice }, { ...twice, event: 'node_failed', number: 2 }),
    )
    expect(nodeRun(state, '2')?.state).toBe('running')
  })

  test('runs of others do not show on the nodes', () => {
    const state = received(
      { type: 'run', run: run('r', { status: 'running', client: 'other' }) },
      events(STARTED),
    )
    expect(statesShown(state).nodes).toEqual({})
    expect(state.running).toEqual(['r'])
  })

  test('pictures of the run before stay until new ones come', () => {
    const state = received(
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
      received(running, events(STARTED, { event: 'node_failed', node: '2', problem })).problems['2'],
    ).toEqual([problem])
    const cancelled = received(
      running,
      events(STARTED, { event: 'run_finished', status: 'cancelled', seconds: 1 }),
    )
    expect(nodeRun(cancelled, '2')?.state).toBe('cancelled')
    expect(nodeRun(cancelled, '1')?.state).toBe('reused')
  })

  test('a snapshot shows the own run as it is', () => {
    const state = received({
      type: 'snapshot',
      epoch: 'e',
      worker: {} as never,
      queue: [run('q')],
      running: {
        run: run('r', { status: 'running' }),
        nodes: { 2: { state: 'running', value: 3, maximum: 4 } },
      },
      draining: [],
      recent: [],
      notices: [],
    })
    expect(state).toMatchObject({ shown: 'r', running: ['r'], queue: ['q'] })
    expect(nodeRun(state, '2')).toMatchObject({ value: 3 })
  })
})

const of = (id: string, ...list: Record<string, unknown>[]): Unnumbered =>
  ({ ...events(...list), run: id }) as Unnumbered
const inside = {
  event: 'run_started',
  targets: ['7/3'],
  to_run: ['7/2', '7/3'],
  reused: ['7/1'],
  blocked: [],
}
const names = (pictures: readonly { name: string }[]) => pictures.map(({ name }) => name)
const picture = (name: string) => ({ ...PICTURE, name, url: `/${name}` })

describe('nodes inside others', () => {
  test('an instance runs while they do, counts them, and adds up their times', () => {
    const begun = received(running, events(inside))
    expect(nodeRun(begun, '7')).toMatchObject({ state: 'running', value: 1, maximum: 3 })
    const half = received(
      running,
      events(
        inside,
        { event: 'node_started', node: '7/2', at: 5 },
        { event: 'node_progressed', node: '7/2', value: 1, maximum: 2 },
      ),
    )
    expect(nodeRun(half, '7')).toMatchObject({ state: 'running', value: 1.5, maximum: 3, startedAt: 5 })
    expect(nodeRun({ ...half, scope: '7/' }, '2')).toMatchObject({ state: 'running', value: 1 })
    const done = received(
      running,
      events(
        inside,
        { event: 'node_finished', node: '7/2', seconds: 1, artifacts: [] },
        { event: 'node_finished', node: '7/3', seconds: 2, artifacts: [PICTURE] },
      ),
    )
    expect(nodeRun(done, '7')).toMatchObject({ state: 'finished', seconds: 3 })
    expect(picturesOf(done, '7')).toEqual([PICTURE])
    expect(picturesOf({ ...done, scope: '7/' }, '3')).toEqual([PICTURE])
  })

  test('it is reused when all of them are, and waits when all of them do', () => {
    expect(
      nodeRun(received(running, events({ ...inside, to_run: [], reused: ['7/1', '7/2'] })), '7')?.state,
    ).toBe('reused')
    expect(nodeRun(received(running, events({ ...inside, reused: [] })), '7')?.state).toBe('waiting')
  })

  test('the state of one that contains others is the same object while nothing changes', () => {
    const state = received(running, events(inside))
    expect(nodeRun(state, '7')).toBe(nodeRun({ ...state, online: true }, '7'))
  })

  test('a problem inside stands with the outer node and, when that is open, with the inner one', () => {
    const problem = { code: 'node_failed', message: 'no', node: '7', inner: '3' }
    const state = received(running, events(inside, { event: 'node_failed', node: '7/3', problem }))
    expect(nodeRun(state, '7')?.state).toBe('failed')
    expect(problemsOf(state, '7')).toEqual([problem])
    expect(problemsOf({ ...state, scope: '7/' }, '3')).toEqual([problem])
    expect(problemsOf(state, '77')).toEqual([])
  })

  test('rounds of a loop count into its node, whose own end decides', () => {
    const rounds = events(
      { event: 'run_started', targets: ['9'], to_run: ['9'], reused: [], blocked: [] },
      { event: 'node_started', node: '9', at: 1 },
      { event: 'node_finished', node: '9/item0/3', seconds: 1 },
      { event: 'node_started', node: '9/item1/3', at: 2 },
    )
    const state = received(running, rounds)
    expect(nodeRun(state, '9')).toMatchObject({ state: 'running', value: 1, maximum: 2 })
    expect(statesShown(state).groups['9']?.latest).toBe('item1')
  })
})

describe('streams', () => {
  const item = (at: number, more: object = {}) => ({
    event: 'item_finished',
    node: '2',
    item: [at],
    artifacts: [picture(`${at}.png`)],
    ...more,
  })
  test('items are counted; what the node shows at its end, after its items did, is no news', () => {
    const state = received(
      running,
      events(
        STARTED,
        item(0),
        { event: 'node_started', node: '2' },
        item(1),
        { event: 'node_progressed', node: '2', value: 2, maximum: 200 },
        { event: 'node_finished', node: '2', seconds: 3, artifacts: [picture('0.png'), picture('1.png')] },
      ),
    )
    expect(nodeRun(state, '2')).toMatchObject({ state: 'finished', items: 2 })
    expect(names(picturesOf(state, '2'))).toEqual(['0.png', '1.png'])
  })

  test('their pictures stand in the order of the items, whichever is done first', () => {
    const items = [item(2), item(0), item(10), item(1)]
    const state = received(running, events(STARTED, ...items))
    expect(names(picturesOf(state, '2'))).toEqual(['0.png', '1.png', '2.png', '10.png'])
    expect(state.newest?.name).toBe('1.png')
  })

  test('so they do for a page that comes later', () => {
    const artifacts = [2, 0, 1].map((at) => ({ ...picture(`${at}.png`), item: [at] }))
    const nodes = { 2: { state: 'finished' as const, items: 3, artifacts } }
    const state = showDetail(initialRunState, { run: run('r', { status: 'finished' }), nodes })
    expect(names(picturesOf(state, '2'))).toEqual(['0.png', '1.png', '2.png'])
    expect(state.newest?.name).toBe('2.png')
  })

  test('of very many the last ones are held', () => {
    const items = Array.from({ length: 200 }, (_, at) => item(at))
    const pictures = picturesOf(received(running, events(STARTED, ...items)), '2')
    expect(pictures).toHaveLength(60)
    expect(pictures.at(-1)?.name).toBe('199.png')
  })

  test('what loops show stands in the order of their turns', () => {
    const turn = (path: string) => ({
      ...item(0),
      node: path,
      event: 'node_finished',
      artifacts: [picture(path)],
    })
    const paths = ['9/turn10/4', '9/turn2/4', '9/turn2/5', '8/next/next/turn/4', '8/turn/4', '8/next/turn/4']
    const state = received(running, events(STARTED, ...paths.map(turn)))
    expect(names(picturesOf(state, '9'))).toEqual(['9/turn2/4', '9/turn2/5', '9/turn10/4'])
    expect(names(picturesOf(state, '8'))).toEqual(['8/turn/4', '8/next/turn/4', '8/next/next/turn/4'])
  })

  test('failing items are counted and the first ones kept, and do not fail the node', () => {
    const problem = { code: 'node_failed', message: 'torn', node: '2' }
    const state = received(
      running,
      events(STARTED, item(0), { event: 'item_failed', node: '2', item: [1], problem }),
    )
    expect(nodeRun(state, '2')).toMatchObject({ state: 'running', items: 1, items_failed: 1 })
    expect(statesShown(state).failing).toEqual(['2'])
    expect(nodeRun(state, '2')?.problems).toEqual([{ item: [1], problem }])
    expect(state.problems).toEqual({})
  })
})

test('where a stream begins its items are not counted, and a failing one makes no count of its own', () => {
  const failed = {
    event: 'item_failed',
    node: '1',
    item: [3],
    problem: { code: 'item_failed', message: 'torn' },
  }
  const state = received(running, events(STARTED, failed, { event: 'node_finished', node: '1', seconds: 1 }))
  expect(nodeRun(state, '1')).toMatchObject({ state: 'finished', items_failed: 1 })
  expect(nodeRun(state, '1')?.items).toBeUndefined()
})

describe('two runs at once', () => {
  const second = { type: 'run', run: run('r2', { status: 'running' }) } as const
  const both = [
    running,
    events(STARTED, { event: 'node_finished', node: '2', seconds: 1, artifacts: [picture('old.png')] }),
    second,
    of('r2', { ...STARTED, run: 'r2', to_run: ['2', '3'] }),
  ]
  test('the later one is shown, and the earlier one still brings its pictures and problems', () => {
    const late = {
      run: 'r',
      number: 9,
      event: 'node_finished',
      node: '3',
      seconds: 1,
      artifacts: [picture('late.png')],
    }
    const problem = { code: 'node_failed', message: 'disk full', node: '4' }
    const state = received(
      ...both,
      of('r', late, { run: 'r', number: 10, event: 'node_failed', node: '4', problem }),
    )
    expect(state).toMatchObject({ running: ['r', 'r2'], shown: 'r2' })
    expect(nodeRun(state, '3')?.state).toBe('waiting')
    expect(picturesOf(state, '3')[0]?.name).toBe('late.png')
    expect(state.problems['4']).toEqual([problem])
  })

  test('but no older picture over a newer one; and its end leaves the later one at work', () => {
    const fresh = {
      run: 'r2',
      number: 5,
      event: 'node_finished',
      node: '3',
      seconds: 1,
      artifacts: [picture('new.png')],
    }
    const late = {
      run: 'r',
      number: 9,
      event: 'node_finished',
      node: '3',
      seconds: 1,
      artifacts: [picture('late.png')],
    }
    const state = received(...both, of('r2', fresh), of('r', late), {
      type: 'run',
      run: run('r', { status: 'finished' }),
    })
    expect(picturesOf(state, '3')[0]?.name).toBe('new.png')
    expect(state).toMatchObject({ running: ['r2'], shown: 'r2' })
    expect(Object.keys(state.states)).toEqual(['r2'])
  })

  test('nor over one of a later run that is over already', () => {
    const ended = (id: string) => ({ type: 'run', run: run(id, { status: 'finished', started: 2 }) }) as const
    const fresh = { run: 'r2', number: 5, event: 'node_reused', node: '3', artifacts: [picture('new.png')] }
    const late = { run: 'r', number: 9, event: 'node_finished', node: '3', artifacts: [picture('late.png')] }
    const third = { type: 'run', run: run('r3', { status: 'running', started: 3 }) } as const
    const state = received(...both, of('r2', fresh), ended('r2'), third, of('r', late))
    expect(state).toMatchObject({ running: ['r', 'r3'], shown: 'r3' })
    expect(picturesOf(state, '3')[0]?.name).toBe('new.png')
  })

  test('a snapshot may bring both', () => {
    const detail = (id: string, started: number) => ({
      run: run(id, { status: 'running', started }),
      nodes: { 2: { state: 'running' as const } },
    })
    const state = received({
      type: 'snapshot',
      epoch: 'e',
      worker: {} as never,
      queue: [],
      running: detail('r2', 2),
      draining: [detail('r', 1)],
      recent: [],
      notices: [],
    })
    expect(state).toMatchObject({ running: ['r', 'r2'], shown: 'r2' })
    expect(Object.keys(state.states)).toEqual(['r', 'r2'])
  })
})

test('the queue takes in, lets go, and follows the order of the server', () => {
  const state = received(
    { type: 'run', run: run('a') },
    { type: 'run', run: run('b') },
    { type: 'queue', order: ['b', 'a'] },
  )
  expect(state.queue).toEqual(['b', 'a'])
  const gone = reduceMessage(state, { type: 'run', seq: 3, run: run('b', { status: 'cancelled' }) }, ME)
  expect(gone.queue).toEqual(['a'])
})
