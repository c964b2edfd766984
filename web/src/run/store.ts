/**
 * The run store: queue, worker, and the states of the nodes of the runs of this page. Nothing here is part of the
 * document. Two runs may be at work: an earlier one that only saves, and the next one. The later one is shown; both
 * may bring pictures and problems. Messages are applied once per animation frame.
 */
import { createStore } from 'zustand/vanilla'
import type {
  Artifact,
  NodeState,
  Output,
  Problem,
  RunDetail,
  RunEvent,
  RunInfo,
  ServerMessage,
  WorkerInfo,
} from '../api/types'
import { collector, isInside } from './paths'
import {
  type Brought,
  foremost,
  inOrder,
  isPicture,
  NO_PICTURES,
  type Pictures,
  takePictures,
} from './pictures'
import { foldEvents, NO_STATES, type NodeRun, type RunStates, shownState, statesOf } from './states'

export type { NodeRun } from './states'

export interface RunState extends Pictures {
  online: boolean
  /** False until the server answered for the first time. */
  known: boolean
  worker: WorkerInfo | null
  runs: Readonly<Record<string, RunInfo>>
  /** Queued runs, next first. */
  queue: readonly string[]
  /** Runs at work, the one that began last at the end. */
  running: readonly string[]
  /** The run whose states stand on the nodes. */
  shown: string | null
  /** The states of the shown run, and of earlier ones of this page that are still at work. */
  states: Readonly<Record<string, RunStates>>
  /** Before the ids of the nodes that are shown: `7/` while the sub-workflow of node 7 is open. */
  scope: string
  /** Problems by the whole path of their node; '' for those of no node. */
  problems: Readonly<Record<string, readonly Problem[]>>
  /** How many more there are that the server did not list. */
  unlisted: number
  outputs: readonly Output[]
}

export const NO_PROBLEMS: readonly Problem[] = []

/** Nothing is known to be wrong. */
export const NO_TROUBLE: Pick<RunState, 'problems' | 'unlisted'> = { problems: {}, unlisted: 0 }

export const initialRunState: RunState = {
  online: false,
  known: false,
  worker: null,
  runs: {},
  queue: [],
  running: [],
  shown: null,
  states: {},
  scope: '',
  ...NO_PICTURES,
  ...NO_TROUBLE,
  outputs: [],
}

/** What belongs to a document, for one of which nothing was run yet. */
export const NOTHING_RUN: Partial<RunState> = {
  shown: null,
  states: {},
  ...NO_PICTURES,
  ...NO_TROUBLE,
}

export function createRunStore() {
  return {
    ...createStore<RunState>(() => initialRunState),
    /** The cursor of the next page of pictures; null at the end of the list. */
    nextOutputs: undefined as number | null | undefined,
    /** The explanations that the server was asked for. */
    asked: new Set<string>(),
  }
}

export type RunStore = ReturnType<typeof createRunStore>

/** The whole path of the node that a problem is about. */
export const pathOf = ({ node = '', inner }: Problem): string => (inner ? `${node}/${inner}` : node)

function groupProblems(problems: readonly Problem[]): Record<string, Problem[]> {
  const grouped: Record<string, Problem[]> = {}
  for (const problem of problems) {
    const path = pathOf(problem)
    grouped[path] = [...(grouped[path] ?? []), problem]
  }
  return grouped
}

/** The problems of a refusal or of a run. */
export const troubleOf = (refusal: {
  problems?: readonly Problem[]
  problem_count?: number
}): typeof NO_TROUBLE => {
  const { problems = [], problem_count: count = 0 } = refusal
  return { problems: groupProblems(problems), unlisted: Math.max(0, count - problems.length) }
}

// --- what nodes show; `id` is that of a node in what is open ------------------------------------------------

export const statesShown = (state: RunState): RunStates => state.states[state.shown ?? ''] ?? NO_STATES

/** What a node of the shown body did in the shown run. */
export const nodeRun = (state: RunState, id: string): NodeRun | undefined =>
  shownState(statesShown(state), state.scope + id)

const collectPictures = collector<Artifact>()
const collectProblems = collector<Problem>()
const NONE: readonly Artifact[] = []

/** The pictures of a node, and of those inside it. */
export const picturesOf = (state: RunState, id: string): readonly Artifact[] =>
  collectPictures(state.pictures, state.scope + id) ?? NONE

/** The problems of a node, and of those inside it. */
export const problemsOf = (state: RunState, id: string): readonly Problem[] =>
  collectProblems(state.problems, state.scope + id) ?? NO_PROBLEMS

// --- messages -----------------------------------------------------------------------------------------------

/** The state after one message. `client` says which runs are this page's own. */
export function reduceMessage(state: RunState, message: ServerMessage, client: string): RunState {
  switch (message.type) {
    case 'snapshot': {
      const atWork = [...(message.draining ?? []), ...(message.running ? [message.running] : [])]
      const runs: Record<string, RunInfo> = {}
      for (const run of [...message.recent, ...message.queue, ...atWork.map((one) => one.run)])
        runs[run.id] = listed(run)
      const next: RunState = {
        ...state,
        known: true,
        worker: message.worker,
        runs,
        queue: message.queue.filter((run) => run.status === 'queued').map((run) => run.id),
        running: atWork.map((one) => one.run.id),
      }
      return atWork
        .filter(({ run }) => run.client === client)
        .reduce((before, { run, nodes }) => showRun(before, run, nodes), next)
    }
    case 'run':
      return takeRun(state, message.run, client)
    case 'run_removed': {
      const { [message.id]: _, ...runs } = state.runs
      return {
        ...state,
        runs,
        queue: state.queue.filter((id) => id !== message.id),
        running: state.running.filter((id) => id !== message.id),
      }
    }
    case 'queue':
      return { ...state, queue: message.order }
    case 'worker':
      return { ...state, worker: message.worker }
    case 'output':
      return {
        ...state,
        outputs: [message.output, ...state.outputs.filter((o) => o.id !== message.output.id)].slice(0, 500),
      }
    case 'events':
      return reduceEvents(state, message.run, message.events, client)
    default:
      return state
  }
}

const ENDED_RUNS = 100

/** What the list of runs holds of one. Its pictures are taken from the message; those of a long loop are many. */
const listed = (run: RunInfo): RunInfo => ({ ...run, artifacts: {} })

/** The runs with a new one, or with what is new of one; those that ended first are let go when there are too many. */
function withRun(state: RunState, run: RunInfo): Record<string, RunInfo> {
  const runs = { ...state.runs, [run.id]: listed(run) }
  const ended = Object.values(runs).filter(({ finished, id }) => finished && id !== state.shown)
  if (ended.length <= ENDED_RUNS) return runs
  ended.sort((one, other) => (one.finished ?? 0) - (other.finished ?? 0))
  for (const { id } of ended.slice(0, ended.length - ENDED_RUNS)) delete runs[id]
  return runs
}

function takeRun(state: RunState, run: RunInfo, client: string): RunState {
  const runs = withRun(state, run)
  const inQueue = state.queue.includes(run.id)
  let queue = state.queue
  if (run.status === 'queued' && !inQueue) queue = run.attempt > 1 ? [run.id, ...queue] : [...queue, run.id]
  else if (run.status !== 'queued' && inQueue) queue = queue.filter((id) => id !== run.id)
  const known = state.running.includes(run.id)
  let running = state.running
  if (run.status === 'running' && !known) running = [...running, run.id]
  else if (run.status !== 'running' && known) running = running.filter((id) => id !== run.id)
  const next = prune({ ...state, runs, queue, running })
  if (run.client === client && run.status === 'running' && !next.states[run.id]) return showRun(next, run, {})
  if (!next.states[run.id] || !['failed', 'refused'].includes(run.status)) return next
  const { problems, unlisted } = troubleOf(run)
  return { ...next, problems: { ...next.problems, ...problems }, unlisted: Math.max(next.unlisted, unlisted) }
}

/** Forget the states of runs that are neither shown nor at work. */
function prune(state: RunState): RunState {
  const kept = Object.entries(state.states).filter(([id]) => id === state.shown || state.running.includes(id))
  return kept.length === Object.keys(state.states).length
    ? state
    : { ...state, states: Object.fromEntries(kept) }
}

/** Let the nodes show this run. Pictures of earlier runs stay until new ones come. */
export function showRun(state: RunState, run: RunInfo, nodes: Readonly<Record<string, NodeState>>): RunState {
  const held = Object.entries(nodes).map(([id, { artifacts }]): [string, Artifact[]] => [id, artifacts ?? []])
  const made = [...Object.entries(run.artifacts ?? {}), ...held].filter(([, artifacts]) => artifacts.length)
  const makers = new Set(made.map(([id]) => id))
  const found = made
    .filter(([id]) => !isInside(id, makers))
    .map(([id, artifacts]): [string, Artifact[]] => [id, inOrder(artifacts)])
  const last = found.findLast(([, artifacts]) => artifacts.some(isPicture))
  // what ran in the place of a node made these; as its own it shows them once more
  const before = Object.entries(state.pictures).filter(([id]) => !isInside(id, makers))
  return prune({
    ...state,
    ...(last && { lastMaker: last[0], newest: foremost(last[1]) }),
    shown: run.id,
    states: { ...state.states, [run.id]: statesOf(nodes) },
    pictures: Object.fromEntries([...before, ...found]),
    makers: { ...state.makers, ...Object.fromEntries(found.map(([id]) => [id, run.id])) },
    ...troubleOf(run),
  })
}

function reduceEvents(state: RunState, id: string, events: readonly RunEvent[], client: string): RunState {
  const run = state.runs[id]
  const starts = events.some((event) => event.event === 'run_started')
  if (starts && run?.client === client && !state.states[id]) state = showRun(state, run, {})
  const before = state.states[id]
  if (!before) return state
  const brought: Brought[] = []
  const states = foldEvents(before, events, (what) => brought.push(what))
  if (states === before) return state
  const began = (other: string) => state.runs[other]?.started ?? 0
  const made = brought.length
    ? takePictures(state, id, brought, (other) => other === state.shown || began(other) > began(id))
    : {}
  return {
    ...state,
    ...made,
    states: { ...state.states, [id]: states },
    problems: problemsAfter(state, id, events, before.eventNumber),
  }
}

function problemsAfter(
  { problems: before, shown }: RunState,
  id: string,
  events: readonly RunEvent[],
  seen: number,
): RunState['problems'] {
  let problems: Record<string, readonly Problem[]> | null = null
  for (const event of events) {
    if (event.number <= seen) continue
    if (event.event === 'run_started' && id === shown) problems = {}
    if (event.event !== 'node_failed') continue
    problems ??= { ...before }
    const { node } = event
    const inner =
      node.includes('/') && !event.problem.inner ? { inner: node.slice(node.indexOf('/') + 1) } : {}
    problems[node] = [{ ...event.problem, node: node.split('/')[0] as string, ...inner }]
  }
  return problems ?? before
}

/** One run of a detail, for a page that comes later. */
export const showDetail = (state: RunState, detail: RunDetail): RunState =>
  showRun(state, detail.run, detail.nodes)
