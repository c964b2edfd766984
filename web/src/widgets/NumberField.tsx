/** A number: drag sideways to change it, click to type, arrows to step. A slider shows its share of the range. */
import { ChevronLeft, ChevronRight } from 'lucide-react'
import { type KeyboardEvent, type PointerEvent, useRef } from 'react'
import type { NumberWidget, SliderWidget } from '../api/types'
import { useEditor } from '../editor/context'
import { FieldNote } from './FieldNote'
import { limitsOf, shareOf, stepped } from './numbers'
import type { Value } from './typed'
import { useTyped } from './useTyped'
import { numberIn, setValue, type WidgetProps } from './value'
import './fields.css'
import './NumberField.css'

const CLICK_PX = 3
const PX_PER_STEP = 4

export function NumberField(props: WidgetProps<NumberWidget | SliderWidget>) {
  const editor = useEditor()
  const { id, input, widget, value, fieldId, invalid, describedBy } = props
  const limits = limitsOf(widget, input.type)
  const now = numberIn(value)
  const number: Value = now.held ?? (limits.min > 0 ? limits.min : 0)
  const field = useRef<HTMLInputElement>(null)
  const typed = useTyped({ now, limits, set: (next) => setValue(editor, id, input, next) })
  const step = (steps: number) => {
    typed.giveUp()
    setValue(editor, id, input, stepped(number, steps, limits))
  }

  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    const way = { ArrowUp: 1, ArrowDown: -1 }[event.key]
    if (!way) return typed.onKeyDown(event)
    event.preventDefault()
    step(way * (event.shiftKey ? 10 : 1))
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
      step(steps)
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
        <button type="button" tabIndex={-1} aria-label={`Less ${input.title}`} onClick={() => step(-1)}>
          <ChevronLeft size={13} />
        </button>
        <input
          ref={field}
          id={fieldId}
          role="spinbutton"
          inputMode="decimal"
          autoComplete="off"
          {...typed.field}
          aria-valuenow={now.held === null ? undefined : Number(now.held)}
          aria-valuemin={finite(limits.min)}
          aria-valuemax={finite(limits.max)}
          aria-invalid={invalid || typed.field['aria-invalid']}
          aria-describedby={describedBy}
          onKeyDown={onKeyDown}
          onPointerDown={onPointerDown}
        />
        <button type="button" tabIndex={-1} aria-label={`More ${input.title}`} onClick={() => step(1)}>
          <ChevronRight size={13} />
        </button>
      </div>
      <FieldNote note={typed.note} />
    </>
  )
}

const finite = (limit: Value) => (Number.isFinite(Number(limit)) ? Number(limit) : undefined)
