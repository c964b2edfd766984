/** Why a node ran, or did not have to: from the events of the run, else asked of the server. */
import type { Http } from '../api/http'
import type { NodePhase, Reason } from '../api/types'
import { type NodeRun, type RunState, type RunStore, statesShown } from './store'

export interface Why {
  path: string
  state: NodePhase
  reason?: Reason | null | undefined
  how?: string | undefined
}

const HOW: Record<string, string> = {
  remembered: 'Its result was remembered: it ran before with the same settings and the same inputs.',
  'same inputs':
    'Nodes before it ran again, but what they gave was the same as before. So there was nothing new to do here.',
  'equal node': 'Another node of this run does the very same. It ran once, for both.',
}
const REUSED = 'Nothing that it depends on has changed, so the result of an earlier run was used again.'

/** How a node was spared, in a sentence. */
export const howInWords = (how: string | undefined): string => HOW[how ?? ''] ?? REUSED

const asWhy = (path: string, { state, reason, how }: NodeRun): Why => ({ path, state, reason, how })

/** What is known of a node and of those inside it, the node itself first. */
export function whyOf(state: RunState, path: string): Why[] {
  const { nodes } = statesShown(state)
  const own = nodes[path]
  const inside = Object.entries(nodes).filter(([id]) => id.startsWith(`${path}/`))
  return [...(own ? [asWhy(path, own)] : []), ...inside.map(([id, node]) => asWhy(id, node))]
}

/** Of the nodes that ran inside another one, those that did not run only because of others inside it. */
export function beginnings(ran: readonly Why[], path: string): Why[] {
  const isWithin = (source: string) => source.startsWith(`${path}/`)
  const found = ran.filter(
    ({ reason }) => !reason?.inputs?.length || reason.inputs.some(({ source }) => !isWithin(source)),
  )
  return found.length ? found : [...ran]
}

/** Whether the page was opened too late to receive the reason: then the server is asked. */
export const isUnexplained = (found: readonly Why[]): boolean =>
  found.some(({ state, reason, how }) =>
    state === 'reused' ? !how : ['finished', 'running', 'failed'].includes(state) && !reason,
  )

type Explained = Pick<NodeRun, 'reason' | 'how'> & { node: string }
interface Explanation {
  nodes: (Explained & { inner?: Explained[] })[]
}

/** Asks the server once for the reasons that the page did not receive for a node of the shown run. */
export async function askWhy({ run, http }: { run: RunStore; http: Http }, path: string): Promise<void> {
  const { shown } = run.getState()
  const node = path.split('/')[0] as string
  const question = `${shown} ${node}`
  if (!shown || run.asked.has(question)) return
  run.asked.add(question)
  try {
    const { nodes } = await http.json<Explanation>(
      `/runs/${shown}/explanation?node=${encodeURIComponent(node)}`,
    )
    const explained = nodes.flatMap((one) => [one, ...(one.inner ?? [])])
    run.setState((state) => takeExplained(state, shown, explained))
  } catch {
    run.asked.delete(question) // the server has no explanation: what was received is shown
  }
}

export function takeExplained(state: RunState, run: string, explained: readonly Explained[]): RunState {
  const states = state.states[run]
  if (!states) return state
  const nodes = { ...states.nodes }
  for (const { node, reason, how } of explained) {
    const known = nodes[node]
    if (known) nodes[node] = { ...known, ...(reason && { reason }), ...(how && { how }) }
  }
  return { ...state, states: { ...state.states, [run]: { ...states, nodes } } }
}
