/** All problems that keep the workflow from running, each with a link to its node. */
import { TriangleAlert, X } from 'lucide-react'
import { useMemo, useState } from 'react'
import { useStore } from 'zustand'
import { goTo, titleOfPath } from '../actions/enter'
import type { ItemProblem, Problem } from '../api/types'
import { sentence } from '../components/format'
import { useEditor } from '../editor/context'
import { NO_TROUBLE, pathOf, type RunState, statesShown } from '../run/store'
import './ProblemBar.css'

/** The most lines shown; each problem is shown on its node as well. */
const MAX_LINES = 4

interface Trouble {
  key: string
  path: string
  words: string
  inside: readonly ItemProblem[]
}

/** Streams with failed items: one line for each stream. */
function failingStreams(state: RunState): Trouble[] {
  const { failing, nodes } = statesShown(state)
  return failing.flatMap((path) => {
    const node = nodes[path]
    if (!node?.items_failed) return []
    const { items, items_failed: failed } = node
    const all = Math.max(node.maximum ?? 0, items ? items + failed : 0)
    const words = all ? `${failed} of ${all} items failed.` : `${failed} item${failed > 1 ? 's' : ''} failed.`
    return [{ key: `stream ${path}`, path, words, inside: node.problems ?? [] }]
  })
}

function asTrouble(problem: Problem): Trouble {
  const path = pathOf(problem)
  const remedy = !problem.node && problem.remedy ? ` ${sentence(problem.remedy)}` : ''
  return {
    key: `${path} ${problem.socket} ${problem.code} ${problem.message}`,
    path,
    words: sentence(problem.message) + remedy,
    inside: [],
  }
}

export function ProblemBar() {
  const editor = useEditor()
  const problems = useStore(editor.run, (state) => state.problems)
  const unlisted = useStore(editor.run, (state) => state.unlisted)
  const states = useStore(editor.run, statesShown)
  const [hidden, setHidden] = useState<string | null>(null)
  const shown = useStore(editor.run, (state) => state.shown)
  const streams = useMemo(
    () => (states.failing.length ? failingStreams(editor.run.getState()) : []),
    [editor, states],
  )
  const all = [
    ...Object.values(problems).flat().map(asTrouble),
    ...(hidden !== null && hidden === shown ? [] : streams),
  ]
  if (!all.length) return null
  const count = all.length + unlisted
  return (
    <div className="problem-bar" role="alert">
      <TriangleAlert size={18} aria-hidden="true" />
      <div>
        <strong>
          {count === 1 ? 'One thing needs your attention' : `${count} things need your attention`}
        </strong>
        <ul>
          {all.slice(0, MAX_LINES).map((trouble) => (
            <Line key={trouble.key} trouble={trouble} />
          ))}
          {count > MAX_LINES && <li>and {count - MAX_LINES} more</li>}
        </ul>
      </div>
      <button
        type="button"
        className="icon-button"
        aria-label="Hide the problems"
        onClick={() => {
          setHidden(shown)
          editor.run.setState(NO_TROUBLE)
        }}
      >
        <X size={16} />
      </button>
    </div>
  )
}

function Line({ trouble }: { trouble: Trouble }) {
  const editor = useEditor()
  const { path, words, inside } = trouble
  const [open, setOpen] = useState(false)
  return (
    <li>
      {path && (
        <button type="button" onClick={() => goTo(editor, path)}>
          {titleOfPath(editor, path)}
        </button>
      )}
      <span>{words}</span>
      {inside.length > 0 && (
        <button type="button" className="more" aria-expanded={open} onClick={() => setOpen(!open)}>
          {open ? 'Hide them' : 'Which ones?'}
        </button>
      )}
      {open && (
        <ol className="failed-items">
          {inside.map(({ item, problem }) => (
            <li key={item.join()}>
              {problem.code === 'item_failed' ? '' : `Item ${item.join(', ')}: `}
              {sentence(problem.message)}
            </li>
          ))}
        </ol>
      )}
    </li>
  )
}
