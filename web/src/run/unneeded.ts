/** Nodes that the last run had no need of: those that only feed lazy inputs that nobody asked for. */
import { linksInto } from '../document/links'
import type { DocStore } from '../document/store'
import type { Body, NodeId } from '../document/types'
import type { NodeTypes } from '../subworkflows/lookup'
import { nodeRun, type RunState, statesShown } from './store'

export interface Asked {
  /** Whether the run had anything to do with a node of the body. */
  took(id: NodeId): boolean
  isLazy(id: NodeId, input: string): boolean
}

/** Found against the wires, from lazy inputs of nodes that the run took to what only feeds these. */
export function unneeded(body: Body, { took, isLazy }: Asked): ReadonlySet<NodeId> {
  const readers = new Map<NodeId, [reader: NodeId, input: string][]>()
  for (const id of body.order)
    for (const { from, input } of linksInto(body, id)) {
      const list = readers.get(from)
      if (list) list.push([id, input])
      else readers.set(from, [[id, input]])
    }
  const found = new Set<NodeId>()
  const isSpare = ([reader, input]: [NodeId, string]) =>
    found.has(reader) || (took(reader) && isLazy(reader, input))
  const pending = [...readers].flatMap(([id, all]) =>
    all.some(([reader, input]) => isLazy(reader, input)) ? [id] : [],
  )
  while (pending.length) {
    const id = pending.pop() as NodeId
    const all = readers.get(id)
    if (found.has(id) || !body.nodes[id] || took(id) || !all?.every(isSpare)) continue
    found.add(id)
    for (const { from } of linksInto(body, id)) pending.push(from)
  }
  return found
}

/** Whether a node of what is shown was spared by the run that is shown, which is over. */
export type IsUnneeded = (state: RunState, id: NodeId) => boolean

export function createIsUnneeded(doc: DocStore, types: NodeTypes): IsUnneeded {
  let known: { states: unknown; scope: string; found: ReadonlySet<NodeId> } | null = null
  return (state, id) => {
    const run = state.runs[state.shown ?? '']
    if (run?.status !== 'finished' || run.targets) return false
    const states = statesShown(state)
    if (known?.states !== states || known.scope !== state.scope) {
      const took = (node: NodeId) => nodeRun(state, node) !== undefined
      const isLazy = (node: NodeId, input: string) =>
        types.typeOf(node)?.inputs.some((one) => one.lazy && one.name === input) ?? false
      known = { states, scope: state.scope, found: unneeded(doc.getState().body, { took, isLazy }) }
    }
    return known.found.has(id)
  }
}
