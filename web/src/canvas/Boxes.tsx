/** Groups and notes of the document, drawn behind the nodes. */
import { ViewportPortal } from '@xyflow/react'
import { useStore } from 'zustand'
import { paragraphs } from '../components/HelpCard'
import { MOST_SHOWN, shortened } from '../document/json'
import { useEditor } from '../editor/context'
import './Boxes.css'

/** The most letters of a note shown; the document keeps all. */
const MAX_NOTE_LETTERS = 20_000

interface PlacedBox {
  key: string
  title: string
  text: string
  colour: string
  style: { left: number; top: number; width: number; height: number }
}

const isPair = (value: unknown): value is [number, number] =>
  Array.isArray(value) && value.length === 2 && value.every((part) => typeof part === 'number')

/** The boxes of a file that have a position and a size. Values that are no hex colour get the default colour. */
export function placedBoxes(list: unknown): PlacedBox[] {
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
        text: shortened(String(box.text ?? ''), MAX_NOTE_LETTERS),
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
        {placedBoxes(groups).map((group) => (
          <section
            key={group.key}
            className="group"
            style={{ ...group.style, '--box': group.colour } as React.CSSProperties}
          >
            <h4>{group.title}</h4>
          </section>
        ))}
        {placedBoxes(notes).map((note) => (
          <aside key={note.key} className="note" style={note.style} aria-label="Note">
            {note.title && <h4>{note.title}</h4>}
            {paragraphs(note.text)}
          </aside>
        ))}
      </div>
    </ViewportPortal>
  )
}
