/** A choice from a list. A value that is not in the list stays visible and is highlighted. */
import { ChevronsUpDown } from 'lucide-react'
import { useState } from 'react'
import type { ChoiceWidget, Json, LeftOut } from '../api/types'
import { useEditor } from '../editor/context'
import { setValue, type WidgetProps } from './value'
import './fields.css'
import './ChoiceField.css'

const NONE: readonly string[] = []
const SHOWN = 20
/** A longer list is rendered on hover or focus only, because many nodes may have one. */
const LONG = 200

export function ChoiceField({
  id,
  input,
  widget,
  value,
  fieldId,
  invalid,
  describedBy,
}: WidgetProps<ChoiceWidget>) {
  const editor = useEditor()
  return (
    <Select
      fieldId={fieldId}
      value={value}
      options={widget.options}
      invalid={invalid}
      describedBy={describedBy}
      onChange={(next) => setValue(editor, id, input, next)}
    />
  )
}

export function Select(props: {
  fieldId: string
  value: Json
  options: readonly string[]
  invalid: boolean
  describedBy: string | undefined
  onChange(value: string): void
  empty?: string
  /** Entries that exist and cannot be chosen. */
  leftOut?: readonly LeftOut[]
}) {
  const { fieldId, value, options, invalid, describedBy, onChange, empty, leftOut = [] } = props
  const text = typeof value === 'string' ? value : ''
  const strange = text !== '' && !options.includes(text)
  const [wanted, setWanted] = useState(false)
  const offered = wanted || options.length <= LONG ? options : strange || !text ? NONE : [text]
  return (
    <div className={`control select nodrag${strange ? ' is-strange' : ''}`}>
      <select
        id={fieldId}
        value={text}
        aria-invalid={invalid || strange}
        aria-describedby={describedBy}
        onChange={(event) => onChange(event.target.value)}
        onPointerDown={() => setWanted(true)}
        onFocus={() => setWanted(true)}
        onBlur={() => setWanted(false)}
      >
        {text === '' && <option value="">{empty ?? 'choose'}</option>}
        {strange && (
          <option value={text}>
            {text} ({leftOut.find(({ name }) => name === text)?.reason ?? 'not here'})
          </option>
        )}
        {offered.map((option) => (
          <option key={option} value={option}>
            {option}
          </option>
        ))}
        {leftOut.length > 0 && (
          <optgroup label="Left out">
            {leftOut.slice(0, SHOWN).map(({ name, reason }) => (
              <option key={name} disabled>
                {name}: {reason}
              </option>
            ))}
            {leftOut.length > SHOWN && <option disabled>and {leftOut.length - SHOWN} more</option>}
          </optgroup>
        )}
      </select>
      <ChevronsUpDown size={13} aria-hidden="true" />
    </div>
  )
}
