/** A switch with a label for its state. */
import type { ToggleWidget } from '../api/types'
import { useEditor } from '../editor/context'
import { setValue, type WidgetProps } from './value'
import './fields.css'
import './ToggleField.css'

export function ToggleField({
  id,
  input,
  widget,
  value,
  fieldId,
  invalid,
  describedBy,
}: WidgetProps<ToggleWidget>) {
  const editor = useEditor()
  const on = value === true
  return (
    <button
      type="button"
      id={fieldId}
      role="switch"
      aria-checked={on}
      aria-invalid={invalid}
      aria-describedby={describedBy}
      className="control toggle nodrag"
      onClick={() => setValue(editor, id, input, !on)}
    >
      <span className="toggle-track" aria-hidden="true">
        <span />
      </span>
      {on ? widget.on : widget.off}
    </button>
  )
}
