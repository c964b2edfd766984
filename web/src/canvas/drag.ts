/** The end of a drag: the nodes that were moved on screen are moved in the document. */
import { moveNodes } from '../document/edits'
import type { Editor } from '../editor/editor'

export function settleDrag(editor: Editor): void {
  const { moving } = editor.ui.getState()
  if (Object.keys(moving).length) editor.doc.commit('Move', (doc) => moveNodes(doc, moving))
  editor.ui.setState({ moving: {} })
}
