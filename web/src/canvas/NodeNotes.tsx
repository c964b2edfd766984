/** Below a node: its live preview while it runs, the files that it saved, and its problems. */
import { FileCheck, TriangleAlert } from 'lucide-react'
import { useStore } from 'zustand'
import { goTo, titleOfPath } from '../actions/enter'
import { pictureAddress } from '../api/address'
import type { Problem } from '../api/types'
import { sentence } from '../components/format'
import { PreviewCanvas } from '../components/PreviewCanvas'
import { shortened } from '../document/json'
import type { NodeId } from '../document/types'
import { useEditor, useType } from '../editor/context'
import { usePreview } from '../editor/usePreview'
import { isPicture } from '../run/pictures'
import { pathOf, picturesOf, problemsOf } from '../run/store'
import { isSubType } from '../subworkflows/instanceTypes'
import './NodeNotes.css'

/** The most problems, and the most files, shown: a loop may bring some in each of its turns. */
const MAX_SHOWN = 3

const isInside = (problem: Problem, path: string) => pathOf(problem).startsWith(`${path}/`)

export function NodeNotes({ id }: { id: NodeId }) {
  const editor = useEditor()
  const problems = useStore(editor.run, (state) => problemsOf(state, id))
  const made = useStore(editor.run, (state) => picturesOf(state, id))
  const files = made.filter((artifact) => !isPicture(artifact)).slice(-MAX_SHOWN)
  const scope = useStore(editor.run, (state) => state.scope)
  const type = useType(useStore(editor.doc, (state) => state.body.nodes[id]?.type))
  const latest = usePreview(id)
  // a sub-workflow with a picture row shows the preview there
  const preview = isSubType(type) && type.pictures ? null : latest
  if (!problems.length && !preview && !files.length) return null
  return (
    <div className="node-notes nodrag nopan">
      {preview && <PreviewCanvas bitmap={preview} label="Preview of the picture so far" />}
      {files.map(({ folder, name, url }) => (
        <a key={url} className="node-file" href={pictureAddress(url)} download>
          <FileCheck size={14} aria-hidden />
          <span>
            Saved as {folder}/{name}
          </span>
        </a>
      ))}
      {problems.slice(0, MAX_SHOWN).map((problem) => (
        <div
          key={pathOf(problem) + problem.code + problem.socket}
          className="node-problem"
          id={
            isInside(problem, scope + id)
              ? undefined
              : `${editor.prefix}-problem-${id}-${problem.socket ?? ''}`
          }
        >
          <TriangleAlert size={14} aria-hidden />
          <div>
            {isInside(problem, scope + id) && (
              <button type="button" className="link-button" onClick={() => goTo(editor, pathOf(problem))}>
                Inside, at “{titleOfPath(editor, pathOf(problem)).split(' › ').at(-1)}”
              </button>
            )}
            <strong>{sentence(problem.message)}</strong>
            {problem.got && problem.expected && (
              <p>
                Expected {shortened(problem.expected, 300)}; got {shortened(problem.got, 200)}.
              </p>
            )}
            {problem.remedy && <p>{sentence(problem.remedy)}</p>}
          </div>
        </div>
      ))}
      {problems.length > MAX_SHOWN && (
        <div className="node-problem">
          <span>and {problems.length - MAX_SHOWN} more problems inside</span>
        </div>
      )}
    </div>
  )
}
