/** The unfinished text of a number field, until it is accepted or cancelled. All number fields use it. */
import { type KeyboardEvent, useRef, useState } from 'react'
import { type Note, useNote } from './FieldNote'
import { acceptTyped, type Limits } from './numbers'
import type { Value } from './typed'
import type { numberIn } from './value'

interface TypedField {
  /** The value of the field, and its text. */
  now: ReturnType<typeof numberIn>
  limits: Limits
  set(value: Value): void
  /** The reason for which this field refuses a number within the limits. */
  refuse?(text: string): string | undefined
}

/** Enter and blur accept the text, Escape cancels it and removes the note on an earlier number. */
export function useTyped({ now: { held, shown }, limits, set, refuse }: TypedField) {
  const [draft, setDraft] = useState<string | null>(null)
  const [note, setNote] = useNote()
  const givenUp = useRef(false)
  const giveUp = () => {
    setDraft(null)
    setNote(null)
  }

  const take = (): Note | null => {
    const typed = acceptTyped(draft ?? '', limits)
    if (!typed) return null
    if ('wrong' in typed) return { text: `${typed.wrong} ${shown || 'Nothing'} stays.`, bad: true }
    const why = refuse?.(draft ?? '')
    if (why) return { text: why, bad: true }
    if (typed.value !== held) set(typed.value)
    return typed.note ? { text: typed.note, bad: false } : null
  }

  return {
    note,
    giveUp,
    field: {
      value: draft ?? shown,
      'aria-invalid': held === null && shown !== '',
      onChange: (event: { target: { value: string } }) => setDraft(event.target.value),
      onBlur() {
        setNote(draft === null || givenUp.current ? null : take())
        givenUp.current = false
        setDraft(null)
      },
    },
    onKeyDown(event: KeyboardEvent<HTMLInputElement>) {
      if (event.key === 'Enter' && !event.ctrlKey && !event.metaKey) event.currentTarget.blur()
      if (event.key !== 'Escape') return
      giveUp()
      givenUp.current = true // the blur event comes before the text is reset
      event.currentTarget.blur()
    },
  }
}
