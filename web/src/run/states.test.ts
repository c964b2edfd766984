/** What nodes show while a run is watched, and what a page is told that comes later: both are what the server holds. */
import { describe, expect, test } from 'vitest'
import type { Artifact, NodeState, RunEvent, RunInfo } from '../api/types'
import { casesOf } from '../catalogue/testing'
import { initialRunState, type RunState, reduceMessage, showRun } from './store'

type WrittenEvent = [kind: string, ...rest: unknown[]]

interface Step {
  events: WrittenEvent[]
  states: Record<string, NodeState>
  /** By node, the names of the pictures. */
  shows?: Record<string, string[]>
}

const CASES = casesOf<{ name: string; steps: Step[] }[]>('node-states')

const DEFAULTS: Record<string, object> = {
  run_started: { targets: [], to_run: [], reused: [], blocked: [] },
  run_finished: { status: 'finished', seconds: 0 },
  node_finished: { seconds: 0 },
  node_warned: { more: 0 },
}

const RUN = { id: 'r', status: 'running', client: 'me', artifacts: {}, problems: [] } as unknown as RunInfo

const artifactOf = (name: string, item?: number[]): Artifact => ({
  folder: 'output',
  name,
  media: 'image/png',
  url: name,
  thumbnail: name,
  ...(item && { item }),
})

/** An event without its run and number. */
type Bare = { event: string }

function eventsOf(said: readonly WrittenEvent[]): Bare[] {
  return said.flatMap(([kind, ...rest]) => {
    if (kind === 'repeat') {
      const [times, event] = rest as [number, WrittenEvent]
      const text = (number: number) =>
        JSON.stringify(event).replaceAll('"#"', '#').replaceAll('#', `${number}`)
      return Array.from({ length: times }, (_, at) => eventsOf([JSON.parse(text(at)) as WrittenEvent])).flat()
    }
    const node = typeof rest[0] === 'string' ? { node: rest.shift() as string } : {}
    const { shows = [], ...facts } = (rest[0] ?? {}) as { shows?: string[] }
    const artifacts = shows.map((name) => artifactOf(name))
    return [{ event: kind, ...node, ...DEFAULTS[kind], ...facts, artifacts }]
  })
}

/** The state after some more events; `number` is that of the last one before them. */
function advance(state: RunState, events: readonly Bare[], number: number): RunState {
  const numbered = events.map((event, at) => ({ ...event, run: 'r', number: number + at + 1 }) as RunEvent)
  return reduceMessage(state, { type: 'events', seq: 1, run: 'r', events: numbered }, 'me')
}

/** Of a node what the server knows of it, too. */
function factsOf(node: object): object {
  const {
    startedAt: _,
    reason,
    how,
    artifacts,
    artifact_count,
    more_warnings,
    ...facts
  } = node as Record<string, unknown>
  return { ...facts, ...(more_warnings ? { more_warnings } : {}) }
}

function statesIn(state: RunState): Record<string, object> {
  const nodes = Object.entries(state.states.r?.nodes ?? {})
  return Object.fromEntries(nodes.map(([id, node]) => [id, factsOf(node)]))
}

const shownIn = (state: RunState) =>
  Object.fromEntries(Object.entries(state.pictures).map(([id, made]) => [id, made.map(({ name }) => name)]))

function check(state: RunState, { states, shows = {} }: Step): void {
  const found = statesIn(state)
  const { and: many, ...expected } = states as Record<string, object>
  if (many) {
    const others = Object.keys(found).filter((id) => !(id in expected))
    expect({ count: Object.keys(found).length, first: others[0], last: others.at(-1) }).toEqual(many)
    expect(found).toMatchObject(expected)
  } else expect(found).toEqual(expected)
  expect(shownIn(state)).toEqual(shows)
}

const started = (): RunState => showRun({ ...initialRunState, runs: { r: RUN }, running: ['r'] }, RUN, {})

/** What the server holds after a step. A node that shows something after its items has the items' pictures. */
function heldBy({ states, shows = {} }: Step): Record<string, NodeState> {
  const isOfItems = (id: string) => states[id]?.items !== undefined
  const held = Object.entries(states).map(([id, node]): [string, NodeState] => {
    const made = shows[id]?.map((name, at) => artifactOf(name, isOfItems(id) ? [at] : undefined))
    return [id, { ...node, ...(made && { artifacts: made }) }]
  })
  return Object.fromEntries(held)
}

describe.each(CASES.map((one) => [one.name, one.steps] as const))('%s', (_, steps) => {
  test('for who watches', () => {
    let [state, number] = [started(), 0]
    for (const step of steps) {
      const events = eventsOf(step.events)
      state = advance(state, events, number)
      check(state, step)
      expect(advance(state, events, number), 'the same events once more').toBe(state)
      number += events.length
    }
  })

  test('event by event', () => {
    let [state, number] = [started(), 0]
    for (const step of steps) {
      const events = eventsOf(step.events)
      if (events.length > 1_000) return
      for (const event of events) state = advance(state, [event], number++)
      check(state, step)
    }
  })

  test('for who comes later, after each step', () => {
    steps.forEach((step, at) => {
      if ('and' in step.states) return
      let state = showRun(started(), RUN, heldBy(step))
      check(state, step)
      let number = 0
      for (const next of steps.slice(at + 1)) {
        const events = eventsOf(next.events)
        state = advance(state, events, number)
        check(state, next)
        number += events.length
      }
    })
  })
})
