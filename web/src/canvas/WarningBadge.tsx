/** The badge of a node with warnings: shows them on hover, and in a card on a click. */
import { TriangleAlert } from 'lucide-react'
import { useRef, useState } from 'react'
import { useStore } from 'zustand'
import { goTo, titleOfPath } from '../actions/enter'
import { Card } from '../components/Card'
import { sentence } from '../components/format'
import type { NodeId } from '../document/types'
import { useEditor } from '../editor/context'
import { statesShown } from '../run/store'
import { warningCount, warningsOf } from '../run/warnings'
import './badge.css'
import './WarningBadge.css'

const MOST_ON_HOVER = 5

export function WarningBadge({ id }: { id: NodeId }) {
  const editor = useEditor()
  const path = useStore(editor.run, (state) => state.scope) + id
  const count = useStore(editor.run, (state) => warningCount(statesShown(state), path))
  const [open, setOpen] = useState(false)
  const button = useRef<HTMLButtonElement>(null)
  if (!count) return null
  const warnings = warningsOf(statesShown(editor.run.getState()), path)
  return (
    <>
      <button
        ref={button}
        type="button"
        className="badge is-warning nodrag"
        aria-label={count === 1 ? '1 warning' : `${count} warnings`}
        aria-expanded={open}
        title={warnings
          .slice(0, MOST_ON_HOVER)
          .map(({ words }) => sentence(words))
          .join('\n')}
        onClick={() => setOpen(!open)}
      >
        <TriangleAlert size={12} aria-hidden /> {count > 1 && count}
      </button>
      {open && (
        <Card
          label="What it warns of"
          anchor={button.current?.closest('.node') ?? null}
          onClose={() => setOpen(false)}
          className="warning-card"
        >
          <h4>{count === 1 ? 'It worked, with a warning' : `It worked, with ${count} warnings`}</h4>
          <ul>
            {warnings.map(({ path: at, words }) => (
              <li key={`${at} ${words}`}>
                {at !== path && (
                  <button type="button" className="link-button" onClick={() => goTo(editor, at)}>
                    Inside, at “{titleOfPath(editor, at).split(' › ').at(-1)}”
                  </button>
                )}
                {sentence(words)}
              </li>
            ))}
          </ul>
        </Card>
      )}
    </>
  )
}
