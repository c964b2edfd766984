/** The end of a drag: the nodes that were moved on screen are moved in the document. */
import { moveNodes } from '../document/edits'
import { docStore } from '../document/store'
import { ui } from '../state/ui'

export function settleDrag(): void {
  const { moving } = ui.getState()
  if (Object.keys(moving).length) docStore.commit('Move', (doc) => moveNodes(doc, moving))
  ui.setState({ moving: {} })
}
