/** What hangs below a node while it matters: the live preview of its work, or what is wrong with it. */
import { TriangleAlert } from 'lucide-react'
import { useStore } from 'zustand'
import type { NodeId } from '../doc/types'
import { NO_PROBLEMS, runStore } from '../run/store'
import { usePreview } from '../run/usePreview'
import { PreviewCanvas } from '../ui/PreviewCanvas'

export function NodeNotes({ id }: { id: NodeId }) {
  const problems = useStore(runStore, (state) => state.problems[id] ?? NO_PROBLEMS)
  const preview = usePreview(id)
  if (!problems.length && !preview) return null
  return (
    <div className="node-notes nodrag nopan">
      {preview && <PreviewCanvas bitmap={preview} label="Preview of the picture so far" />}
      {problems.map((problem) => (
        <div
          key={problem.code + problem.socket}
          className="node-problem"
          id={`problem-${id}-${problem.socket ?? ''}`}
        >
          <TriangleAlert size={14} aria-hidden />
          <div>
            <strong>{sentence(problem.message)}</strong>
            {problem.got && problem.expected && (
              <p>
                Expected {problem.expected}; got {problem.got}.
              </p>
            )}
            {problem.remedy && <p>{sentence(problem.remedy)}</p>}
          </div>
        </div>
      ))}
    </div>
  )
}

export function sentence(text: string): string {
  const first = text.charAt(0).toUpperCase() + text.slice(1)
  return /[.!?]$/.test(first) ? first : `${first}.`
}
