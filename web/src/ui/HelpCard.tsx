/** What a node does, in the words of its author: beside the node, above everything. */
import { type ReactNode, useEffect, useRef } from 'react'
import { createPortal } from 'react-dom'
import type { NodeType } from '../api/types'
import { typeInWords } from '../defs/fit'

export function HelpCard({
  type,
  anchor,
  onClose,
}: {
  type: NodeType
  anchor: Element | null
  onClose(): void
}) {
  const card = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const away = (event: Event) => {
      const target = event.target as Node
      if (!card.current?.contains(target) && !anchor?.contains(target)) onClose()
    }
    const key = (event: KeyboardEvent) => event.key === 'Escape' && onClose()
    addEventListener('pointerdown', away, true)
    addEventListener('wheel', away, true)
    addEventListener('keydown', key)
    return () => {
      removeEventListener('pointerdown', away, true)
      removeEventListener('wheel', away, true)
      removeEventListener('keydown', key)
    }
  }, [anchor, onClose])
  const box = anchor?.getBoundingClientRect()
  const left = Math.min((box?.right ?? 0) + 12, window.innerWidth - 352)
  const top = Math.max(8, Math.min((box?.top ?? 0) - 12, window.innerHeight - 440))
  const described = type.inputs.filter((input) => input.tooltip)
  return createPortal(
    <div
      ref={card}
      className="help-card"
      role="dialog"
      aria-label={`About ${type.title}`}
      style={{ left, top }}
    >
      <h4>
        {type.title} <code>{type.id}</code>
      </h4>
      {paragraphs(type.help)}
      {described.length > 0 && (
        <dl>
          {described.map((input) => (
            <div key={input.name}>
              <dt>
                {input.title} <code>{input.name}</code>
              </dt>
              <dd>
                {input.tooltip}
                {!input.widget && <em> Takes {typeInWords(input.type)}.</em>}
              </dd>
            </div>
          ))}
        </dl>
      )}
    </div>,
    document.body,
  )
}

/** Paragraphs, and *stressed* words: all the markup that help texts use. */
export function paragraphs(text: string): ReactNode[] {
  return text
    .split(/\n\s*\n/)
    .map((part) => (
      <p key={part}>
        {part.split(/\*([^*\n]+)\*/).map((piece, at) => (at % 2 ? <em key={piece}>{piece}</em> : piece))}
      </p>
    ))
}
