/** A number: drag sideways to change it, click to type, arrows to step. A slider shows how full it is. */
import { ChevronLeft, ChevronRight } from 'lucide-react'
import { type KeyboardEvent, type PointerEvent, useRef, useState } from 'react'
import type { NumberWidget } from '../api/types'
import { FieldNote, useNote } from './FieldNote'
import { limitsOf, shareOf, stepped, taken } from './numbers'
import type { Value } from './typed'
import { numberIn, setValue, type WidgetProps } from './value'

const CLICK_PX = 3
const PX_PER_STEP = 4

export function NumberField(props: WidgetProps<NumberWidget>) {
  const { id, input, widget, value, fieldId, invalid, describedBy } = props
  const limits = limitsOf(widget, input.type)
  const { held, shown } = numberIn(value)
  const number: Value = held ?? (limits.min > 0 ? limits.min : 0)
  const [draft, setDraft] = useState<string | null>(null)
  const field = useRef<HTMLInputElement>(null)
  const [note, say] = useNote()
  const set = (next: Value) => {
    say(null)
    setValue(id, input, next)
  }

  const finish = () => {
    const typed = draft === null ? null : taken(draft, limits)
    setDraft(null)
    if (!typed) return
    if ('wrong' in typed) return say({ text: `${typed.wrong} ${shown || 'Nothing'} stays.`, bad: true })
    if (typed.value !== held) set(typed.value)
    if (typed.note) say({ text: typed.note, bad: false })
  }

  const onKeyDown = (event: KeyboardEvent) => {
    const way = { ArrowUp: 1, ArrowDown: -1 }[event.key]
    if (way) {
      event.preventDefault()
      setDraft(null)
      set(stepped(number, way * (event.shiftKey ? 10 : 1), limits))
    } else if (event.key === 'Enter' && !event.ctrlKey && !event.metaKey) field.current?.blur()
    else if (event.key === 'Escape') {
      setDraft(null)
      field.current?.blur()
    }
  }

  const onPointerDown = (event: PointerEvent<HTMLInputElement>) => {
    if (event.button !== 0 || document.activeElement === field.current) return
    event.preventDefault()
    const start = event.clientX
    const range = Number(limits.max) - Number(limits.min)
    const box = event.currentTarget.getBoundingClientRect()
    // a slider of few steps follows the pointer over its width; others move one step per few pixels
    const perPx =
      widget.kind === 'slider' && range / limits.step <= 200
        ? range / limits.step / box.width
        : 1 / PX_PER_STEP
    let dragged = false
    const onMove = (move: globalThis.PointerEvent) => {
      const distance = move.clientX - start
      if (!dragged && Math.abs(distance) < CLICK_PX) return
      dragged = true
      const steps = Math.round(distance * perPx * (move.shiftKey ? 0.1 : 1))
      set(stepped(number, steps, limits))
    }
    const onUp = () => {
      removeEventListener('pointermove', onMove)
      removeEventListener('pointerup', onUp)
      document.body.classList.remove('is-dragging-number')
      if (!dragged) {
        field.current?.focus()
        field.current?.select()
      }
    }
    document.body.classList.add('is-dragging-number')
    addEventListener('pointermove', onMove)
    addEventListener('pointerup', onUp)
  }

  const share = widget.kind === 'slider' ? shareOf(number, limits) : null
  return (
    <>
      <div className="control number nodrag" style={{ '--share': share ?? 0 } as React.CSSProperties}>
        {share !== null && <div className="number-fill" />}
        <button
          type="button"
          tabIndex={-1}
          aria-label={`Less ${input.title}`}
          onClick={() => set(stepped(number, -1, limits))}
        >
          <ChevronLeft size={13} />
        </button>
        <input
          ref={field}
          id={fieldId}
          role="spinbutton"
          inputMode="decimal"
          autoComplete="off"
          value={draft ?? shown}
          aria-valuenow={held === null ? undefined : Number(held)}
          aria-valuemin={finite(limits.min)}
          aria-valuemax={finite(limits.max)}
          aria-invalid={invalid || (held === null && shown !== '')}
          aria-describedby={describedBy}
          onChange={(event) => setDraft(event.target.value)}
          onBlur={finish}
          onKeyDown={onKeyDown}
          onPointerDown={onPointerDown}
        />
        <button
          type="button"
          tabIndex={-1}
          aria-label={`More ${input.title}`}
          onClick={() => set(stepped(number, 1, limits))}
        >
          <ChevronRight size={13} />
        </button>
      </div>
      <FieldNote note={note} />
    </>
  )
}

const finite = (limit: Value) => (Number.isFinite(Number(limit)) ? Number(limit) : undefined)
