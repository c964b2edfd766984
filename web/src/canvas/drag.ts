/** The end of a drag: writes the positions of dragged nodes into the document. */
import { moveNodes } from '../document/edits'
import type { Editor } from '../editor/editor'

export function commitDrag(editor: Editor): void {
  const { moving } = editor.ui.getState()
  if (Object.keys(moving).length) editor.doc.commit('Move', (doc) => moveNodes(doc, moving))
  editor.ui.setState({ moving: {} })
}
