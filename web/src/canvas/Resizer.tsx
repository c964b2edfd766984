/** The corner that resizes a node with a long text or a picture. */
import { NodeResizeControl, type OnResize } from '@xyflow/react'
import { resizeNode } from '../document/edits'
import type { NodeId } from '../document/types'
import { useEditor } from '../editor/context'
import { WIDE } from '../scene/sizes'
import './Resizer.css'

export function Resizer({ id, width, height }: { id: NodeId; width: number; height: number }) {
  const editor = useEditor()
  const onResize: OnResize = (_, at) => {
    editor.doc.commit('Resize', (doc) => resizeNode(doc, id, [at.width, at.height]), {
      merge: `resize:${id}`,
    })
  }
  return (
    <NodeResizeControl
      className="resizer nodrag"
      position="bottom-right"
      minWidth={Math.min(width, WIDE)}
      minHeight={Math.min(height, 160)}
      maxWidth={900}
      maxHeight={1200}
      onResize={onResize}
    >
      <svg viewBox="0 0 10 10" width="10" height="10" aria-hidden="true">
        <path d="M9 3 3 9M9 7 7 9" stroke="currentColor" strokeWidth="1.4" strokeLinecap="round" />
      </svg>
    </NodeResizeControl>
  )
}
