/** Text in one line or several. The wheel scrolls long text only while the field has the focus. */
import { useState } from 'react'
import type { TextWidget } from '../api/types'
import { shortened } from '../document/json'
import { useEditor } from '../editor/context'
import { setValue, type WidgetProps } from './value'
import './fields.css'
import './TextField.css'

/** Above this many letters, the layout of a field makes each key press slow. */
const LONG = 100_000
const SHOWN_OF_LONG = 1_000

export function TextField(props: WidgetProps<TextWidget>) {
  const text = String(props.value ?? '')
  const [whole, setWhole] = useState(false)
  return text.length > LONG && !whole ? (
    <LongText {...props} text={text} onEdit={() => setWhole(true)} />
  ) : (
    <Editable {...props} text={text} />
  )
}

interface Shown extends WidgetProps<TextWidget> {
  text: string
}

function Editable({ id, input, widget, text, fieldId, invalid, describedBy }: Shown) {
  const editor = useEditor()
  const [focused, setFocused] = useState(false)
  const shared = {
    id: fieldId,
    value: text,
    placeholder: widget.placeholder,
    'aria-invalid': invalid,
    'aria-describedby': describedBy,
    onChange: (event: { target: { value: string } }) => setValue(editor, id, input, event.target.value),
    onFocus: () => setFocused(true),
    onBlur: () => setFocused(false),
  }
  const classes = `control nodrag${focused ? ' nowheel' : ''}`
  if (widget.multiline) return <textarea className={`${classes} long`} spellCheck={focused} {...shared} />
  return <input className={`${classes} text`} autoComplete="off" spellCheck={false} {...shared} />
}

/** The beginning of a very long text, and a button that opens all of it for editing. */
function LongText({ widget, text, fieldId, invalid, describedBy, onEdit }: Shown & { onEdit(): void }) {
  const length = text.length.toLocaleString('en')
  const shared = {
    id: fieldId,
    value: shortened(text, SHOWN_OF_LONG),
    readOnly: true,
    'aria-invalid': invalid,
    'aria-describedby': describedBy,
  }
  return (
    <div className="lengthy">
      {widget.multiline ? (
        <textarea className="control nodrag long" {...shared} />
      ) : (
        <input className="control nodrag text" {...shared} />
      )}
      <button
        type="button"
        className="nodrag"
        title={`The beginning of ${length} letters is shown: a field with all of them is slow.`}
        onClick={onEdit}
      >
        {widget.multiline ? `Edit all ${length} letters` : 'Edit all'}
      </button>
    </div>
  )
}
