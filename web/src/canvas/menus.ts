/** Opens the palette or a menu for a click on the canvas or on a node. */
import type { MouseEvent } from 'react'
import type { Point } from '../document/types'
import type { Editor } from '../editor/editor'
import { isPanel, type OpNode } from '../scene/flowNodes'

export function openPalette(editor: Editor, event: MouseEvent): void {
  if (!(event.target as Element).classList.contains('react-flow__pane')) return
  const screen: Point = [event.clientX, event.clientY]
  editor.ui.setState({ palette: { mode: 'nodes', at: editor.view.toGraph(screen), screen, from: null } })
}

const NODE_MENU = [
  'sub.open',
  'run.why',
  'edit.rename',
  'sub.rename',
  'edit.mute',
  'edit.bypass',
  'edit.duplicate',
  'edit.copy',
  'edit.cut',
  'sub.make',
  'sub.separate',
  'sub.apart',
  'run.here',
  'edit.delete',
]
/** Commands that the menu leaves out where they are not available. */
const OFFERED_WHEN = new Set(['sub.open', 'sub.rename', 'sub.apart', 'sub.separate', 'sub.leave', 'run.why'])
const CANVAS_MENU = [
  'sub.leave',
  'add.node',
  'edit.paste',
  'edit.selectAll',
  'view.fit',
  'edit.undo',
  'edit.redo',
]

export function openMenu(
  editor: Editor,
  event: MouseEvent | globalThis.MouseEvent,
  node: OpNode | null,
): void {
  const target = event.target as Element
  if (target.closest('input, textarea, select')) return
  event.preventDefault()
  if (node && isPanel(node.id)) return
  if (node && !editor.ui.getState().selected.has(node.id)) editor.ui.select([node.id])
  const commands = (node ? NODE_MENU : CANVAS_MENU).filter(
    (id) => !OFFERED_WHEN.has(id) || editor.commands.isAvailable(id),
  )
  editor.ui.setState({
    menu: { at: [event.clientX, event.clientY], commands, label: node ? 'Node' : 'Canvas' },
  })
}
