/** Keeps the state of runs in step with the document: another document has other runs, a corrected input no problem. */
import type { Problem } from '../api/types'
import type { DocState, DocStore } from '../document/store'
import type { NodeTypes } from '../subworkflows/lookup'
import { findNode, scopeOf } from '../subworkflows/runPaths'
import type { Previews } from './previews'
import { NOTHING_RUN, type RunStore, statesShown } from './store'

interface Parts {
  doc: DocStore
  run: RunStore
  types: NodeTypes
  previews: Previews
}

/** `onOther` is called when another document took the place of the one before. */
export function watchDocument(parts: Parts, onOther: () => void): void {
  parts.doc.subscribe((now, before) => {
    if (now.origin.key !== before.origin.key) {
      parts.previews.dropPreviews()
      parts.run.setState(NOTHING_RUN)
      onOther()
    } else if (now.doc !== before.doc) forgetMended(parts, now, before)
    if (now.path !== before.path) followScope(parts)
  })
}

/** Sets the prefix of the run paths of the nodes that are shown: the open sub-workflow, and the round of a loop. */
export function followScope({ doc: document, run }: Pick<Parts, 'doc' | 'run'>): void {
  const state = run.getState()
  const { doc, path } = document.getState()
  const { groups } = statesShown(state)
  const scope = scopeOf(doc, path, (at) => groups[at]?.latest)
  if (scope !== state.scope) run.setState({ scope })
}

/** A problem lasts as long as the input, or the node, that it is about. */
function forgetMended({ run, types }: Parts, now: DocState, before: DocState): void {
  const { problems } = run.getState()
  const left: Record<string, readonly Problem[]> = {}
  let changed = false
  for (const [id, list] of Object.entries(problems)) {
    const [chain, old] = [now.doc, before.doc].map((doc) => findNode(doc, id, types.bodyInputs)?.chain ?? [])
    const [node, was] = [chain?.at(-1), old?.at(-1)]
    const same = chain?.length === old?.length && chain?.every((one, at) => one === old?.[at])
    const kept = list.filter((problem) => {
      if (same) return true
      const around = chain?.slice(0, -1).every((one, at) => one === old?.[at])
      return (
        problem.socket && around && node && node.inputs?.[problem.socket] === was?.inputs?.[problem.socket]
      )
    })
    changed ||= kept.length !== list.length
    if (kept.length) left[id] = kept
  }
  if (changed) run.setState({ problems: left })
}
