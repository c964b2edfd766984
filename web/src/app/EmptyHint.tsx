/** On an empty canvas: how to begin. */
import { LayoutTemplate, Plus } from 'lucide-react'
import { useStore } from 'zustand'
import { ClothMark } from '../components/Logo'
import { useEditor } from '../editor/context'
import './EmptyHint.css'

export function EmptyHint() {
  const editor = useEditor()
  const empty = useStore(editor.doc, (state) => state.body.order.length === 0)
  if (!empty) return null
  return (
    <div className="empty-hint">
      <ClothMark />
      <h2>An empty loom</h2>
      <p>
        Double-click anywhere, or press Space, to add a node. Or begin with a workflow that already paints.
      </p>
      <div className="actions">
        <button type="button" className="button" onClick={() => editor.commands.perform('file.templates')}>
          <LayoutTemplate size={16} /> Choose a template
        </button>
        <button type="button" className="button" onClick={() => editor.commands.perform('add.node')}>
          <Plus size={16} /> Add a node
        </button>
      </div>
    </div>
  )
}
