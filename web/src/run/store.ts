/**
 * The run store: queue, worker, and the state of the nodes of the run that this page shows. Nothing here is part of
 * the document. Messages are applied once per animation frame.
 */
import { createStore } from 'zustand/vanilla'
import type {
  Artifact,
  NodeState,
  Output,
  Problem,
  RunEvent,
  RunInfo,
  ServerMessage,
  WorkerInfo,
} from '../api/types'

export interface NodeRun extends NodeState {
  /** When it started, by the clock of the server, in seconds since 1970. */
  startedAt?: number | undefined
}

export interface RunState {
  online: boolean
  /** False until the server answered for the first time. */
  known: boolean
  worker: WorkerInfo | null
  runs: Readonly<Record<string, RunInfo>>
  /** Queued runs, next first. */
  queue: readonly string[]
  running: string | null
  /** The run whose states stand on the nodes. */
  shown: string | null
  nodes: Readonly<Record<string, NodeRun>>
  /** The newest pictures that each node of this document made. */
  pictures: Readonly<Record<string, readonly Artifact[]>>
  /** The node that made pictures last. */
  lastMaker: string | null
  /** Problems by node; '' for those of no node. */
  problems: Readonly<Record<string, readonly Problem[]>>
  outputs: readonly Output[]
  /** Number of the last event of the shown run that was taken in. */
  eventNumber: number
}

export const NO_PROBLEMS: readonly Problem[] = []

export const initialRunState: RunState = {
  online: false,
  known: false,
  worker: null,
  runs: {},
  queue: [],
  running: null,
  shown: null,
  nodes: {},
  pictures: {},
  lastMaker: null,
  problems: {},
  outputs: [],
  eventNumber: 0,
}

export const runStore = createStore<RunState>(() => initialRunState)

export function groupProblems(problems: readonly Problem[]): Record<string, Problem[]> {
  const grouped: Record<string, Problem[]> = {}
  for (const problem of problems) {
    const node = problem.node ?? ''
    grouped[node] = [...(grouped[node] ?? []), problem]
  }
  return grouped
}

/** The state after one message. `client` says which runs are this page's own. */
export function reduceMessage(state: RunState, message: ServerMessage, client: string): RunState {
  switch (message.type) {
    case 'snapshot': {
      const runs: Record<string, RunInfo> = {}
      for (const run of [...message.recent, ...message.queue]) runs[run.id] = run
      if (message.running) runs[message.running.run.id] = message.running.run
      let next: RunState = {
        ...state,
        known: true,
        worker: message.worker,
        runs,
        queue: message.queue.filter((run) => run.status === 'queued').map((run) => run.id),
        running: message.running?.run.id ?? null,
      }
      const mine = message.running?.run.client === client ? message.running : null
      if (mine) next = showRun(next, mine.run, mine.nodes)
      return next
    }
    case 'run':
      return takeRun(state, message.run, client)
    case 'run_removed': {
      const { [message.id]: _, ...runs } = state.runs
      return { ...state, runs, queue: state.queue.filter((id) => id !== message.id) }
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
      return message.events.reduce((before, event) => reduceEvent(before, event, client), state)
    default:
      return state
  }
}

function takeRun(state: RunState, run: RunInfo, client: string): RunState {
  const runs = { ...state.runs, [run.id]: run }
  const inQueue = state.queue.includes(run.id)
  let queue = state.queue
  if (run.status === 'queued' && !inQueue) queue = run.attempt > 1 ? [run.id, ...queue] : [...queue, run.id]
  else if (run.status !== 'queued' && inQueue) queue = queue.filter((id) => id !== run.id)
  const ended = run.status !== 'running' && state.running === run.id
  const running = run.status === 'running' ? run.id : ended ? null : state.running
  const next = { ...state, runs, queue, running }
  if (run.client === client && run.status === 'running' && state.shown !== run.id)
    return showRun(next, run, {})
  if (state.shown !== run.id) return next
  return ['failed', 'refused'].includes(run.status)
    ? { ...next, problems: groupProblems(run.problems) }
    : next
}

/** Let the nodes show this run. Pictures of earlier runs stay until new ones come. */
export function showRun(state: RunState, run: RunInfo, nodes: Readonly<Record<string, NodeState>>): RunState {
  const made = Object.entries(run.artifacts ?? {})
  const held = Object.entries(nodes).map(([id, node]): [string, Artifact[]] => [id, node.artifacts ?? []])
  const found = [...made, ...held].filter(([, artifacts]) => artifacts.length)
  const pictures = { ...state.pictures, ...Object.fromEntries(found) }
  return {
    ...state,
    lastMaker: found.at(-1)?.[0] ?? state.lastMaker,
    shown: run.id,
    nodes,
    pictures,
    problems: groupProblems(run.problems ?? []),
    eventNumber: 0,
  }
}

export function reduceEvent(state: RunState, event: RunEvent, client: string): RunState {
  if (
    event.event === 'run_started' &&
    state.runs[event.run]?.client === client &&
    state.shown !== event.run
  ) {
    state = showRun(state, state.runs[event.run] as RunInfo, {})
  }
  if (event.run !== state.shown || event.number <= state.eventNumber) return state
  state = { ...state, eventNumber: event.number }
  const put = (id: string, change: NodeRun): RunState => ({
    ...state,
    nodes: { ...state.nodes, [id]: change },
  })
  switch (event.event) {
    case 'run_started': {
      const nodes: Record<string, NodeRun> = {}
      for (const id of event.to_run) nodes[id] = { state: 'waiting' }
      for (const id of event.reused) nodes[id] = { state: 'reused' }
      for (const id of event.blocked) nodes[id] = { state: 'skipped' }
      return { ...state, nodes, problems: {} }
    }
    case 'node_started':
      return put(event.node, { state: 'running', startedAt: event.at })
    case 'node_progressed': {
      const before = state.nodes[event.node]
      return put(event.node, {
        state: 'running',
        startedAt: before?.startedAt,
        value: event.value,
        maximum: event.maximum,
      })
    }
    case 'node_finished':
      return withPictures(
        put(event.node, { state: 'finished', seconds: event.seconds }),
        event.node,
        event.artifacts,
      )
    case 'node_reused':
      return withPictures(put(event.node, { state: 'reused' }), event.node, event.artifacts)
    case 'node_failed': {
      const failed = put(event.node, { state: 'failed', problem: event.problem })
      return { ...failed, problems: { ...failed.problems, [event.node]: [event.problem] } }
    }
    case 'node_skipped':
      return put(event.node, { state: 'skipped' })
    case 'node_cancelled':
      return put(event.node, { state: 'cancelled' })
    case 'run_finished': {
      const nodes: Record<string, NodeRun> = {}
      for (const [id, node] of Object.entries(state.nodes)) {
        const open = node.state === 'waiting' || node.state === 'running'
        nodes[id] = open ? { state: event.status === 'cancelled' ? 'cancelled' : 'skipped' } : node
      }
      return { ...state, nodes }
    }
  }
}

function withPictures(state: RunState, node: string, artifacts: readonly Artifact[] | undefined): RunState {
  return artifacts?.length
    ? { ...state, pictures: { ...state.pictures, [node]: artifacts }, lastMaker: node }
    : state
}
