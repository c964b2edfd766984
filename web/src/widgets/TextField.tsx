/** Text in one line or several. The wheel scrolls long text only while one writes in it. */
import { useState } from 'react'
import type { TextWidget } from '../api/types'
import { setValue, type WidgetProps } from './value'

export function TextField({
  id,
  input,
  widget,
  value,
  fieldId,
  invalid,
  describedBy,
}: WidgetProps<TextWidget>) {
  const [focused, setFocused] = useState(false)
  const shared = {
    id: fieldId,
    value: String(value ?? ''),
    placeholder: widget.placeholder,
    'aria-invalid': invalid,
    'aria-describedby': describedBy,
    onChange: (event: { target: { value: string } }) => setValue(id, input, event.target.value),
    onFocus: () => setFocused(true),
    onBlur: () => setFocused(false),
  }
  const classes = `control nodrag${focused ? ' nowheel' : ''}`
  if (widget.multiline) return <textarea className={`${classes} long`} spellCheck={focused} {...shared} />
  return <input className={`${classes} text`} autoComplete="off" spellCheck={false} {...shared} />
}
