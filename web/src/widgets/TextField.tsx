/** Text in one line or several. The wheel scrolls long text only while it is being edited. */
import { useState } from 'react'
import type { TextWidget } from '../api/types'
import { shortened } from '../document/json'
import { useEditor } from '../editor/context'
import { setValue, type WidgetProps } from './value'
import './fields.css'
import './TextField.css'

/** Beyond this many letters a browser takes long to lay out a field, with each key anew. */
const LENGTHY = 100_000
const BEGINNING = 1_000

export function TextField(props: WidgetProps<TextWidget>) {
  const text = String(props.value ?? '')
  const [whole, setWhole] = useState(false)
  return text.length > LENGTHY && !whole ? (
    <Lengthy {...props} text={text} onEdit={() => setWhole(true)} />
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

/** The beginning of a text of a hundred pages, and a way to all of it. */
function Lengthy({ widget, text, fieldId, invalid, describedBy, onEdit }: Shown & { onEdit(): void }) {
  const length = text.length.toLocaleString('en')
  const shared = {
    id: fieldId,
    value: shortened(text, BEGINNING),
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
