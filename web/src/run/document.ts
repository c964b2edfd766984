/** Keeps what a run said in step with the document: another document has other runs, and a mended input no problem. */
import type { Problem } from '../api/types'
import { type DocState, docStore } from '../doc/store'
import { restoreShownRun } from './actions'
import { dropPreviews } from './previews'
import { runStore } from './store'

export function watchDocument(): void {
  docStore.subscribe((now, before) => {
    if (now.origin.key !== before.origin.key) {
      dropPreviews()
      runStore.setState({
        shown: null,
        nodes: {},
        pictures: {},
        lastMaker: null,
        problems: {},
        eventNumber: 0,
      })
      if (runStore.getState().known) void restoreShownRun()
    } else if (now.doc !== before.doc) forgetMended(now, before)
  })
}

/** A problem lasts as long as the input, or the node, that it is about. */
function forgetMended(now: DocState, before: DocState): void {
  const { problems } = runStore.getState()
  const left: Record<string, readonly Problem[]> = {}
  let changed = false
  for (const [id, list] of Object.entries(problems)) {
    const [node, old] = [now.doc.nodes[id], before.doc.nodes[id]]
    const kept = list.filter((problem) => {
      if (node === old) return true
      return problem.socket && node && node.inputs?.[problem.socket] === old?.inputs?.[problem.socket]
    })
    changed ||= kept.length !== list.length
    if (kept.length) left[id] = kept
  }
  if (changed) runStore.setState({ problems: left })
}
