/** The warnings of the shown run, below the result, each with a link to its node. */
import { TriangleAlert } from 'lucide-react'
import { useMemo } from 'react'
import { useStore } from 'zustand'
import { goTo, titleOfPath } from '../actions/enter'
import { sentence } from '../components/format'
import { useEditor } from '../editor/context'
import { statesShown } from '../run/store'
import { warningsOf } from '../run/warnings'
import './ResultWarnings.css'

const SHOWN = 4

export function ResultWarnings() {
  const editor = useEditor()
  const states = useStore(editor.run, statesShown)
  const warnings = useMemo(() => (states.warned.length ? warningsOf(states) : []), [states])
  if (!warnings.length) return null
  return (
    <ul className="result-warnings" aria-label="Warnings">
      {warnings.slice(0, SHOWN).map(({ path, words }) => (
        <li key={`${path} ${words}`}>
          <TriangleAlert size={13} aria-hidden />
          <span>
            <button type="button" className="link-button" onClick={() => goTo(editor, path)}>
              {titleOfPath(editor, path)}
            </button>{' '}
            {sentence(words)}
          </span>
        </li>
      ))}
      {warnings.length > SHOWN && <li>and {warnings.length - SHOWN} more, on their nodes</li>}
    </ul>
  )
}
