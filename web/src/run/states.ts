/**
 * The states of the nodes of one run, folded from its events. Nodes inside others have paths (`7/3`, `9/item0/3`);
 * of each node that contains some, sums are kept, so that what it shows never has to be counted anew.
 */
import type { Artifact, ItemProblem, NodePhase, NodeState, Reason, RunEvent } from '../api/types'
import type { Brought } from './pictures'

export interface NodeRun extends NodeState {
  /** When it started, by the clock of the server, in seconds since 1970. */
  startedAt?: number | undefined
  reason?: Reason | null | undefined
  /** For a reused one: how. */
  how?: string | undefined
}

/** What lies inside a node, in sums. */
export interface Group {
  counts: Readonly<Partial<Record<NodePhase, number>>>
  seconds: number
  startedAt?: number | undefined
  /** The node that was called last, by its whole path. */
  current: string
  /** The part below this one that was touched last: which round of a loop is shown. */
  latest: string
}

export interface RunStates {
  nodes: Readonly<Record<string, NodeRun>>
  groups: Readonly<Record<string, Group>>
  /** Nodes of which some items failed. */
  failing: readonly string[]
  /** Nodes that warned of something. */
  warned: readonly string[]
  /** Number of the last event that was taken in. */
  eventNumber: number
}

export const NO_STATES: RunStates = { nodes: {}, groups: {}, failing: [], warned: [], eventNumber: 0 }
const PROBLEMS_KEPT = 20
/** Of how many nodes the states are held; beyond that, those inside others are let go when they end. Their sums stay. */
export const MOST_STATES = 20_000

export type OnPictures = (brought: Brought) => void

/** Whether it lies in a round of a loop, and one that has begun or is the first that is heard of. */
const isRound = (below: string, node: NodeRun, group: Group) =>
  below.includes('/') && (node.state !== 'waiting' || !group.latest)

const ENDED: ReadonlySet<NodePhase> = new Set(['finished', 'reused', 'failed', 'skipped', 'cancelled'])

class Fold {
  readonly nodes: Record<string, NodeRun>
  readonly groups: Record<string, Group>
  failing: readonly string[]
  warned: readonly string[]
  private held: number

  constructor(states: RunStates) {
    this.nodes = { ...states.nodes }
    this.groups = { ...states.groups }
    this.failing = states.failing
    this.warned = states.warned
    this.held = Object.keys(this.nodes).length
  }

  clear(): void {
    for (const id of Object.keys(this.nodes)) delete this.nodes[id]
    for (const id of Object.keys(this.groups)) delete this.groups[id]
    this.failing = []
    this.warned = []
    this.held = 0
  }

  put(id: string, next: NodeRun): void {
    const before = this.nodes[id]
    this.nodes[id] = next
    if (!before) this.held += 1
    for (let at = id.indexOf('/'); at >= 0; at = id.indexOf('/', at + 1)) {
      const outer = id.slice(0, at)
      const group = this.groups[outer] ?? { counts: {}, seconds: 0, current: '', latest: '' }
      const counts = { ...group.counts }
      if (before) counts[before.state] = (counts[before.state] ?? 1) - 1
      counts[next.state] = (counts[next.state] ?? 0) + 1
      const below = id.slice(at + 1)
      this.groups[outer] = {
        counts,
        seconds: group.seconds + (next.seconds ?? 0) - (before?.seconds ?? 0),
        startedAt: group.startedAt ?? next.startedAt,
        current: next.state === 'running' ? id : group.current,
        latest: isRound(below, next, group) ? below.slice(0, below.indexOf('/')) : group.latest,
      }
    }
    if (this.held > MOST_STATES && id.includes('/') && ENDED.has(next.state)) this.letGo(id)
  }

  /** Forget a node inside others, and those around it that are inside others and where nothing is under way any more. */
  private letGo(id: string): void {
    delete this.nodes[id]
    this.held -= 1
    for (let at = id.lastIndexOf('/'); at > id.indexOf('/'); at = id.lastIndexOf('/', at - 1)) {
      const counts = this.groups[id.slice(0, at)]?.counts
      if (!counts?.waiting && !counts?.running) delete this.groups[id.slice(0, at)]
    }
  }

  /** Change a node without forgetting what its items came to, and what it warned of. */
  turn(id: string, next: NodeRun): void {
    const { items, items_reused, items_failed, problems, reason, warnings, more_warnings } =
      this.nodes[id] ?? {}
    this.put(id, {
      ...(items !== undefined && { items }),
      ...(items_reused && { items_reused }),
      ...(items_failed && { items_failed, problems: problems ?? [] }),
      ...(reason && { reason }),
      ...(warnings && { warnings, more_warnings: more_warnings ?? 0 }),
      ...next,
    })
  }

  warn(id: string): void {
    if (!this.warned.includes(id)) this.warned = [...this.warned, id]
  }

  /** An item may be told of before the start of its node, or after. */
  atWork(id: string): NodeRun {
    const before = this.nodes[id]
    return !before || before.state === 'waiting' ? { ...before, state: 'running' } : before
  }
}

const counted = ({ items = 0, items_reused: reused = 0 }: NodeRun, more: number, moreReused: number) => ({
  items: items + more,
  ...(reused + moreReused && { items_reused: reused + moreReused }),
})

/** The states after some events of this run; older ones than were seen are passed over. */
export function foldEvents(
  states: RunStates,
  events: readonly RunEvent[],
  onPictures: OnPictures = () => undefined,
): RunStates {
  if (!events.some((event) => event.number > states.eventNumber)) return states
  const fold = new Fold(states)
  let eventNumber = states.eventNumber
  for (const event of events) {
    if (event.number <= eventNumber) continue
    eventNumber = event.number
    foldOne(fold, event, onPictures)
  }
  return {
    nodes: fold.nodes,
    groups: fold.groups,
    failing: fold.failing,
    warned: fold.warned,
    eventNumber,
  }
}

function foldOne(fold: Fold, event: RunEvent, onPictures: OnPictures): void {
  const shown = (artifacts: readonly Artifact[] | undefined) => {
    // what a node shows at its end, after its items did, is the same again
    const node = 'node' in event ? event.node : ''
    if (artifacts?.length && fold.nodes[node]?.items === undefined)
      onPictures({ node, artifacts, how: 'all' })
  }
  switch (event.event) {
    case 'run_started':
      fold.clear()
      for (const id of event.to_run) fold.put(id, { state: 'waiting' })
      for (const id of event.reused) fold.put(id, { state: 'reused' })
      for (const id of event.blocked) fold.put(id, { state: 'skipped' })
      return
    case 'node_started':
      fold.turn(event.node, { state: 'running', startedAt: event.at, reason: event.reason })
      return
    case 'node_progressed':
      fold.turn(event.node, {
        state: 'running',
        startedAt: fold.nodes[event.node]?.startedAt,
        value: event.value,
        maximum: event.maximum,
      })
      return
    case 'node_finished':
      fold.turn(event.node, { state: 'finished', seconds: event.seconds })
      shown(event.artifacts)
      return
    case 'node_reused':
      fold.turn(event.node, { state: 'reused', how: event.how })
      shown(event.artifacts)
      return
    case 'item_finished': {
      const node = fold.atWork(event.node)
      fold.put(event.node, { ...node, ...counted(node, 1, Number(event.reused ?? false)) })
      const artifacts = event.artifacts?.map((artifact) => ({ ...artifact, item: event.item }))
      if (artifacts?.length) onPictures({ node: event.node, artifacts, how: node.items ? 'next' : 'first' })
      return
    }
    case 'items_finished': {
      const node = fold.atWork(event.node)
      fold.put(event.node, { ...node, ...counted(node, event.items, event.reused) })
      return
    }
    case 'item_failed': {
      const node = fold.atWork(event.node)
      const problems: ItemProblem[] = [...(node.problems ?? [])]
      if (problems.length < PROBLEMS_KEPT) problems.push({ item: event.item, problem: event.problem })
      fold.put(event.node, {
        ...node,
        items_failed: (node.items_failed ?? 0) + 1,
        problems,
      })
      if (!fold.failing.includes(event.node)) fold.failing = [...fold.failing, event.node]
      return
    }
    case 'node_failed':
      fold.turn(event.node, { state: 'failed', problem: event.problem })
      return
    case 'node_warned': {
      const before: NodeRun = fold.nodes[event.node] ?? { state: 'waiting' }
      fold.put(event.node, { ...before, warnings: event.warnings, more_warnings: event.more ?? 0 })
      fold.warn(event.node)
      return
    }
    case 'node_skipped':
      fold.turn(event.node, { state: 'skipped' })
      return
    case 'node_cancelled':
      fold.turn(event.node, { state: 'cancelled' })
      return
    case 'run_finished':
      for (const [id, node] of Object.entries(fold.nodes)) {
        if (node.state === 'waiting' || node.state === 'running')
          fold.turn(id, { state: event.status === 'cancelled' ? 'cancelled' : 'skipped' })
      }
  }
}

/** The states that the server holds of a run, as they are when somebody comes later. */
export function statesOf(nodes: Readonly<Record<string, NodeState>>): RunStates {
  const fold = new Fold(NO_STATES)
  for (const [id, node] of Object.entries(nodes)) {
    fold.put(id, node)
    if (node.items_failed) fold.failing = [...fold.failing, id]
    if (node.warnings?.length) fold.warn(id)
  }
  return { ...NO_STATES, nodes: fold.nodes, groups: fold.groups, failing: fold.failing, warned: fold.warned }
}

const combined = new WeakMap<
  Group,
  { own: NodeRun | undefined; part: NodeRun | undefined; result: NodeRun }
>()

/** What a node shows: its own state, or - for one that contains others - what these come to. */
export function shownState(states: Pick<RunStates, 'nodes' | 'groups'>, id: string): NodeRun | undefined {
  const own = states.nodes[id]
  const group = states.groups[id]
  if (!group || (own && ENDED.has(own.state))) return own
  const part = states.nodes[group.current]
  const known = combined.get(group)
  if (known && known.own === own && known.part === part) return known.result
  const result = combine(own, group, part)
  combined.set(group, { own, part, result })
  return result
}

function combine(own: NodeRun | undefined, group: Group, part: NodeRun | undefined): NodeRun {
  const count = (...phases: NodePhase[]) => phases.reduce((sum, phase) => sum + (group.counts[phase] ?? 0), 0)
  const done = count('finished', 'reused')
  const all = done + count('waiting', 'running')
  const begun = { startedAt: own?.startedAt ?? group.startedAt }
  if (count('failed') && !count('running')) return { ...own, state: 'failed' }
  if (count('running') || own?.state === 'running' || (count('waiting') && done)) {
    const share = part?.state === 'running' && part.maximum ? (part.value ?? 0) / part.maximum : 0
    return { ...own, ...begun, state: 'running', value: done + share, maximum: all }
  }
  if (count('waiting')) return { ...own, state: 'waiting' }
  if (count('cancelled')) return { ...own, state: 'cancelled' }
  if (count('finished')) return { ...own, state: 'finished', seconds: group.seconds }
  if (count('reused')) return { ...own, state: 'reused' }
  return { ...own, state: 'skipped' }
}
