/** Event handlers of React Flow for selecting, dragging and wiring; they update the stores. */
import type {
  Connection,
  EdgeChange,
  FinalConnectionState,
  NodeChange,
  OnConnectStartParams,
  ReactFlowProps,
} from '@xyflow/react'
import { cutEdge, join, lead, mayJoin, socketFor } from '../actions/wiring'
import { moveNodes } from '../document/edits'
import type { Point } from '../document/types'
import type { Editor } from '../editor/editor'
import type { WireEdge } from '../scene/flowEdges'
import type { OpNode } from '../scene/flowNodes'
import type { WireEnd } from '../state/ui'
import { commitDrag } from './drag'
import { openMenu } from './menus'

const endOf = (
  node: string,
  socket: string | null | undefined,
  kind: 'source' | 'target' | null,
): WireEnd => ({
  node,
  socket: socket ?? '',
  side: kind === 'source' ? 'output' : 'input',
})

function onNodesChange(editor: Editor, changes: NodeChange<OpNode>[]): void {
  const { selected, moving } = editor.ui.getState()
  let chosen: Set<string> | null = null
  let dragged: Record<string, Point> | null = null
  const settled: Record<string, Point> = {}
  for (const change of changes) {
    if (change.type === 'select') {
      chosen ??= new Set(selected)
      if (change.selected) chosen.add(change.id)
      else chosen.delete(change.id)
    } else if (change.type === 'position' && change.position) {
      const at: Point = [change.position.x, change.position.y]
      if (change.dragging) {
        dragged ??= { ...moving }
        dragged[change.id] = at
      } else settled[change.id] = at
    }
  }
  if (chosen) editor.ui.setState({ selected: chosen })
  if (dragged) editor.ui.setState({ moving: dragged })
  // arrow keys move without dragging; onNodeDragStop reports the end of a drag
  if (Object.keys(settled).length && !Object.keys(moving).length) {
    editor.doc.commit('Move', (doc) => moveNodes(doc, settled), { merge: 'nudge' })
  }
}

function onEdgesChange(editor: Editor, changes: EdgeChange<WireEdge>[]): void {
  const chosen = new Set(editor.ui.getState().selectedEdges)
  for (const change of changes) {
    if (change.type !== 'select') continue
    if (change.selected) chosen.add(change.id)
    else chosen.delete(change.id)
  }
  editor.ui.setState({ selectedEdges: chosen })
}

function onConnectStart(editor: Editor, { nodeId, handleId, handleType }: OnConnectStartParams): void {
  if (nodeId) editor.ui.setState({ connecting: endOf(nodeId, handleId, handleType) })
}

function pointOf(event: globalThis.MouseEvent | TouchEvent): Point {
  const at = 'changedTouches' in event ? event.changedTouches[0] : event
  return at ? [at.clientX, at.clientY] : [0, 0]
}

/** Handles a dropped wire: on a socket, on a node, or on the empty canvas. */
function onConnectEnd(
  editor: Editor,
  event: globalThis.MouseEvent | TouchEvent,
  state: FinalConnectionState,
): void {
  const from = editor.ui.getState().connecting
  editor.ui.setState({ connecting: null })
  if (!from || state.isValid) return
  const screen = pointOf(event)
  const below = document.elementFromPoint(...screen)
  if (state.toHandle && state.toNode) {
    join(editor, from, endOf(state.toNode.id, state.toHandle.id, state.toHandle.type))
    return
  }
  const nodeId = below?.closest<HTMLElement>('.react-flow__node')?.dataset.id
  if (nodeId && nodeId !== from.node) {
    const socket = socketFor(editor, from, nodeId)
    if (socket) join(editor, from, socket)
    else
      editor.ui.toast('These two do not fit', {
        detail: 'This node has no socket that fits the wire.',
        tone: 'bad',
      })
    return
  }
  if (!nodeId && below?.closest('.react-flow__pane')) {
    editor.ui.setState({ palette: { mode: 'nodes', at: editor.view.toGraph(screen), screen, from } })
  }
}

function onConnect(editor: Editor, { source, sourceHandle, target, targetHandle }: Connection): void {
  join(editor, endOf(source, sourceHandle, 'source'), endOf(target, targetHandle, 'target'))
}

const isValid = (editor: Editor, wire: Connection | WireEdge) =>
  mayJoin(
    editor,
    endOf(wire.source, wire.sourceHandle, 'source'),
    endOf(wire.target, wire.targetHandle, 'target'),
  ).ok

/** Reconnects a wire to other sockets. */
export function rewire(editor: Editor, old: WireEdge, wire: Connection): void {
  const from = endOf(wire.source, wire.sourceHandle, 'source')
  const to = endOf(wire.target, wire.targetHandle, 'target')
  editor.doc.commit('Rewire', (body, doc) => {
    // an end that stays where it is gets another source; any other one is let go first
    if (old.target !== to.node || old.targetHandle !== to.socket) cutEdge(editor, body, doc, old.id)
    lead(body, from, to)
  })
}

/** The end of a reconnection; removes a wire that did not reach a socket and was dropped on the empty canvas. */
export function dropReconnected(
  editor: Editor,
  event: globalThis.MouseEvent | TouchEvent,
  edge: WireEdge,
  landed: boolean,
): void {
  editor.ui.setState({ connecting: null, palette: null })
  const below = document.elementFromPoint(...pointOf(event))
  if (!landed && below?.closest('.react-flow__pane')) {
    editor.doc.commit('Disconnect', (body, doc) => cutEdge(editor, body, doc, edge.id))
  }
}

/** Makes the handlers of one editor; React Flow needs the same ones at each render. */
export function handlersOf(editor: Editor) {
  return {
    onNodesChange: (changes) => onNodesChange(editor, changes),
    onEdgesChange: (changes) => onEdgesChange(editor, changes),
    onNodeDragStop: () => commitDrag(editor),
    onSelectionDragStop: () => commitDrag(editor),
    onConnect: (wire) => onConnect(editor, wire),
    onConnectStart: (_, start) => onConnectStart(editor, start),
    onConnectEnd: (event, state) => onConnectEnd(editor, event, state),
    isValidConnection: (wire) => isValid(editor, wire),
    onNodeContextMenu: (event, node) => openMenu(editor, event, node),
    onPaneContextMenu: (event) => openMenu(editor, event, null),
    onSelectionContextMenu: (event, chosen) => openMenu(editor, event, chosen[0] ?? null),
  } satisfies Partial<ReactFlowProps<OpNode, WireEdge>>
}
