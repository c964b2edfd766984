/** While a sub-workflow is open: its path, the way back, and how many nodes share its definition. */
import { ArrowLeft, ChevronRight } from 'lucide-react'
import { useState } from 'react'
import { useStore } from 'zustand'
import { crumbs, leaveTo } from '../actions/enter'
import { renameDefinition, usesNow } from '../actions/subworkflows'
import { shortened } from '../document/json'
import type { Path } from '../document/subworkflows'
import type { SubId } from '../document/types'
import { useEditor } from '../editor/context'
import './Breadcrumbs.css'

/** A node inside another may have the same id as that one. */
const placesOf = (path: Path, at: number) =>
  path
    .slice(0, at + 1)
    .map((place) => place.node)
    .join('/')

export function Breadcrumbs() {
  const editor = useEditor()
  const path = useStore(editor.doc, (state) => state.path)
  const title = useStore(editor.doc, (state) => state.doc.title)
  const names = useStore(editor.doc, (state) => crumbs(editor, state.path).join('\u0000')).split('\u0000')
  const last = path.at(-1)
  if (!last) return null
  return (
    <nav className="crumbs" aria-label="Where you are">
      <button
        type="button"
        className="crumb-back"
        title="Back (Esc)"
        onClick={() => leaveTo(editor, path.length - 1)}
      >
        <ArrowLeft size={16} aria-hidden="true" />
        <span>Back</span>
      </button>
      <ol>
        <li>
          <button type="button" onClick={() => leaveTo(editor, 0)}>
            {shortened(title || 'Untitled workflow', 60)}
          </button>
        </li>
        {path.slice(0, -1).map((_, at) => (
          <li key={placesOf(path, at)}>
            <ChevronRight size={14} aria-hidden="true" />
            <button type="button" onClick={() => leaveTo(editor, at + 1)}>
              {names[at]}
            </button>
          </li>
        ))}
        <li>
          <ChevronRight size={14} aria-hidden="true" />
          <Title key={last.sub} id={last.sub} />
        </li>
      </ol>
      <Uses id={last.sub} />
      {path.some((place) => place.input) && (
        <span
          className="uses"
          title="A loop goes round many times: what nodes show here is of the turn that was last at work."
        >
          nodes show the last turn
        </span>
      )}
    </nav>
  )
}

function Title({ id }: { id: SubId }) {
  const editor = useEditor()
  const title = useStore(editor.doc, (state) => state.doc.subs[id]?.title || id)
  const [text, setText] = useState<string | null>(null)
  const finish = () => {
    if (text?.trim()) renameDefinition(editor, id, text)
    setText(null)
  }
  return (
    <input
      aria-label="Title of the sub-workflow"
      value={text ?? title}
      size={Math.max(8, Math.min(34, (text ?? title).length + 1))}
      onChange={(event) => setText(event.target.value)}
      onBlur={finish}
      onKeyDown={(event) => {
        if (event.key === 'Enter') event.currentTarget.blur()
        if (event.key === 'Escape') {
          setText(null)
          event.stopPropagation()
        }
      }}
    />
  )
}

function Uses({ id }: { id: SubId }) {
  const editor = useEditor()
  const count = useStore(editor.doc, (state) => usesNow(editor, state.doc, id))
  const text = count === 1 ? 'used once' : `used ${count} times`
  return (
    <span
      className={count > 1 ? 'uses is-shared' : 'uses'}
      title={count > 1 ? 'What you change here changes in all of these places at once.' : undefined}
    >
      {text}
      {count > 1 && ': changes go to all'}
    </span>
  )
}
