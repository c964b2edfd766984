/** The help of a node type and its inputs, in a card beside the node. */
import type { ReactNode } from 'react'
import type { NodeType } from '../api/types'
import { typeInWords } from '../catalogue/compatibility'
import { Card } from './Card'

export function HelpCard({
  type,
  anchor,
  onClose,
}: {
  type: NodeType
  anchor: Element | null
  onClose(): void
}) {
  const described = type.inputs.filter((input) => input.tooltip)
  return (
    <Card label={`About ${type.title}`} anchor={anchor} onClose={onClose}>
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
    </Card>
  )
}

/** Renders the markup of help texts: paragraphs and *emphasis*. */
export function paragraphs(text: string): ReactNode[] {
  return text
    .split(/\n\s*\n/)
    .map((part) => (
      <p key={part}>
        {part.split(/\*([^*\n]+)\*/).map((piece, at) => (at % 2 ? <em key={piece}>{piece}</em> : piece))}
      </p>
    ))
}
