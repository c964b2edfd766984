/** Groups and notes of the document, behind the nodes: shown as the file has them. */
import { ViewportPortal } from '@xyflow/react'
import { useStore } from 'zustand'
import { paragraphs } from '../components/HelpCard'
import { MOST_SHOWN, shortened } from '../document/json'
import { useEditor } from '../editor/context'
import './Boxes.css'

/** Letters of a note that are shown; the document keeps all. */
const MOST_TEXT = 20_000

interface Placed {
  key: string
  title: string
  text: string
  colour: string
  style: { left: number; top: number; width: number; height: number }
}

const isPair = (value: unknown): value is [number, number] =>
  Array.isArray(value) && value.length === 2 && value.every((part) => typeof part === 'number')

/** Boxes of a file that have a place and a size; colours only where they are written as such. */
export function placed(list: unknown): Placed[] {
  if (!Array.isArray(list)) return []
  return list.flatMap((box: Record<string, unknown>, at) => {
    if (!isPair(box.position) || !isPair(box.size)) return []
    const colour =
      typeof box.color === 'string' && /^#[0-9a-f]{3,8}$/i.test(box.color) ? box.color : 'var(--dye-ash)'
    const [left, top] = box.position
    const [width, height] = box.size
    return [
      {
        key: String(at),
        title: shortened(String(box.title ?? ''), MOST_SHOWN),
        text: shortened(String(box.text ?? ''), MOST_TEXT),
        colour,
        style: { left, top, width, height },
      },
    ]
  })
}

export function Boxes() {
  const editor = useEditor()
  const groups = useStore(editor.doc, (state) => state.body.rest.groups)
  const notes = useStore(editor.doc, (state) => state.body.rest.notes)
  return (
    <ViewportPortal>
      <div className="boxes">
        {placed(groups).map((group) => (
          <section
            key={group.key}
            className="group"
            style={{ ...group.style, '--box': group.colour } as React.CSSProperties}
          >
            <h4>{group.title}</h4>
          </section>
        ))}
        {placed(notes).map((note) => (
          <aside key={note.key} className="note" style={note.style} aria-label="Note">
            {note.title && <h4>{note.title}</h4>}
            {paragraphs(note.text)}
          </aside>
        ))}
      </div>
    </ViewportPortal>
  )
}
