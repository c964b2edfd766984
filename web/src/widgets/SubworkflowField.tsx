/** The sub-workflow that a node runs, with a button that opens it. */
import { SquareArrowOutUpRight } from 'lucide-react'
import { useStore } from 'zustand'
import { openNode } from '../actions/enter'
import type { SubworkflowWidget } from '../api/types'
import { subTitle } from '../document/subworkflows'
import { useEditor } from '../editor/context'
import { setValue, type WidgetProps } from './value'
import './fields.css'
import './SubworkflowField.css'

export function SubworkflowField(props: WidgetProps<SubworkflowWidget>) {
  const editor = useEditor()
  const { id, input, value, fieldId, invalid, describedBy } = props
  const subs = useStore(editor.doc, (state) => state.doc.subs)
  const chosen = typeof value === 'string' ? value : ''
  const missing = chosen !== '' && !subs[chosen]
  return (
    <div className={`control subworkflow nodrag${missing ? ' is-strange' : ''}`}>
      <select
        id={fieldId}
        value={chosen}
        aria-invalid={invalid || missing}
        aria-describedby={describedBy}
        onChange={(event) => setValue(editor, id, input, event.target.value)}
      >
        {chosen === '' && <option value="">{Object.keys(subs).length ? 'choose' : 'make one first'}</option>}
        {missing && <option value={chosen}>{chosen} (not here)</option>}
        {Object.entries(subs).map(([key, sub]) => (
          <option key={key} value={key}>
            {subTitle(key, sub)}
          </option>
        ))}
      </select>
      <button
        type="button"
        aria-label={`Open ${subTitle(chosen, subs[chosen])}`}
        title="Open it"
        disabled={!subs[chosen]}
        onClick={() => openNode(editor, id, input.name)}
      >
        <SquareArrowOutUpRight size={14} />
      </button>
    </div>
  )
}
