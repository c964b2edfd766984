/** What keeps the workflow from running, in one place, each a step away from where it is. */
import { TriangleAlert, X } from 'lucide-react'
import { useStore } from 'zustand'
import { select } from '../app/ui'
import { sentence } from '../graph/NodeNotes'
import { titleOfNode } from '../graph/wiring'
import { showProblem } from '../run/actions'
import { runStore } from '../run/store'

export function ProblemBar() {
  const problems = useStore(runStore, (state) => state.problems)
  const all = Object.values(problems).flat()
  if (!all.length) return null
  return (
    <div className="problem-bar" role="alert">
      <TriangleAlert size={18} aria-hidden="true" />
      <div>
        <strong>
          {all.length === 1 ? 'One thing needs your attention' : `${all.length} things need your attention`}
        </strong>
        <ul>
          {all.slice(0, 4).map((problem) => (
            <li key={`${problem.node}${problem.socket}${problem.code}`}>
              {problem.node ? (
                <button
                  type="button"
                  onClick={() => {
                    select([problem.node as string])
                    showProblem(problem.node as string)
                  }}
                >
                  {titleOfNode(problem.node)}
                </button>
              ) : null}
              <span>
                {sentence(problem.message)} {!problem.node && problem.remedy ? sentence(problem.remedy) : ''}
              </span>
            </li>
          ))}
          {all.length > 4 && <li>and {all.length - 4} more</li>}
        </ul>
      </div>
      <button
        type="button"
        className="icon-button"
        aria-label="Hide the problems"
        onClick={() => runStore.setState({ problems: {} })}
      >
        <X size={16} />
      </button>
    </div>
  )
}
