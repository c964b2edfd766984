/** A card beside an element, above everything. Escape, the wheel, and a press elsewhere close it. */
import { type ReactNode, useEffect, useRef } from 'react'
import { createPortal } from 'react-dom'
import './Card.css'

const WIDTH = 340

export function Card(props: {
  label: string
  anchor: Element | null
  onClose(): void
  className?: string
  /** Whether it takes the focus and returns it when it closes. */
  focus?: boolean
  children: ReactNode
}) {
  const { label, anchor, onClose, className = '', focus = false, children } = props
  const card = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const before = document.activeElement
    if (focus) card.current?.focus({ preventScroll: true })
    const inside = (event: Event) => card.current?.contains(event.target as Node)
    const away = (event: Event) => {
      if (!inside(event) && !anchor?.contains(event.target as Node)) onClose()
    }
    const wheel = (event: Event) => !inside(event) && onClose()
    const key = (event: KeyboardEvent) => {
      if (event.key !== 'Escape') return
      event.stopImmediatePropagation()
      onClose()
      if (focus && before instanceof HTMLElement) before.focus({ preventScroll: true })
    }
    addEventListener('pointerdown', away, true)
    addEventListener('wheel', wheel, true)
    addEventListener('keydown', key, true)
    return () => {
      removeEventListener('pointerdown', away, true)
      removeEventListener('wheel', wheel, true)
      removeEventListener('keydown', key, true)
    }
  }, [anchor, onClose, focus])
  const box = anchor?.getBoundingClientRect()
  const right = (box?.right ?? 0) + 12
  const left = right + WIDTH < window.innerWidth ? right : Math.max(8, (box?.left ?? 0) - WIDTH - 12)
  const top = Math.max(8, Math.min((box?.top ?? 0) - 12, window.innerHeight - 440))
  return createPortal(
    <div
      ref={card}
      className={`help-card ${className}`}
      role="dialog"
      aria-label={label}
      tabIndex={-1}
      style={{ left, top }}
    >
      {children}
    </div>,
    document.body,
  )
}
