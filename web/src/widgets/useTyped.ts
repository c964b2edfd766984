/** What is being typed into a field for numbers, until it is taken or given up. One way for every such field. */
import { type KeyboardEvent, useRef, useState } from 'react'
import { type Note, useNote } from './FieldNote'
import { type Limits, taken } from './numbers'
import type { Value } from './typed'
import type { numberIn } from './value'

interface Asked {
  /** What the field holds, and how that is written. */
  now: ReturnType<typeof numberIn>
  limits: Limits
  set(value: Value): void
  /** Why a number within the limits is refused by this field. */
  refuse?(text: string): string | undefined
}

/** Enter and leaving take what is typed, Escape gives it up. The note on an earlier number goes with it. */
export function useTyped({ now: { held, shown }, limits, set, refuse }: Asked) {
  const [draft, setDraft] = useState<string | null>(null)
  const [note, setNote] = useNote()
  const givenUp = useRef(false)
  const giveUp = () => {
    setDraft(null)
    setNote(null)
  }

  const take = (): Note | null => {
    const typed = taken(draft ?? '', limits)
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
      givenUp.current = true // leaving the field comes before what is typed is gone
      event.currentTarget.blur()
    },
  }
}
