/** The graph on screen: React Flow as host of pan, zoom, drag and wires; everything else comes from the stores. */
import {
  type Connection,
  type EdgeChange,
  type FinalConnectionState,
  type NodeChange,
  type OnConnectStartParams,
  ReactFlow,
  useOnViewportChange,
} from '@xyflow/react'
import { type MouseEvent, useCallback, useEffect, useRef } from 'react'
import { useStore } from 'zustand'
import { moveNodes } from '../document/edits'
import { docStore } from '../document/store'
import type { Point } from '../document/types'
import { flowStore, isPanel, type OpNode, type WireEdge } from '../scene/flow'
import {
  firstViewport,
  fitGraph,
  remembered,
  rememberViewport,
  setDetail,
  setFlow,
  toGraph,
} from '../scene/viewport'
import { cutEdge, join, lead, mayJoin, socketFor } from '../scene/wiring'
import { isAvailable } from '../state/commands'
import { type LooseEnd, select, toast, ui } from '../state/ui'
import { Boxes } from './Boxes'
import { settleDrag } from './drag'
import { FarView } from './far/FarView'
import { Grid } from './Grid'
import { NodeView } from './NodeView'
import { PortPanel } from './PortPanel'
import { Wire } from './Wire'

const nodeTypes = { op: NodeView, ports: PortPanel }
const edgeTypes = { wire: Wire }
const NO_NODES: OpNode[] = []
const NO_EDGES: WireEdge[] = []
const PAN_WITH = [0, 1]

const endOf = (
  node: string,
  socket: string | null | undefined,
  kind: 'source' | 'target' | null,
): LooseEnd => ({
  node,
  socket: socket ?? '',
  side: kind === 'source' ? 'output' : 'input',
})

function onNodesChange(changes: NodeChange<OpNode>[]): void {
  const { selected, moving } = ui.getState()
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
  if (chosen) ui.setState({ selected: chosen })
  if (dragged) ui.setState({ moving: dragged })
  // arrow keys move without dragging; the end of a drag is told by onNodeDragStop
  if (Object.keys(settled).length && !Object.keys(moving).length) {
    docStore.commit('Move', (doc) => moveNodes(doc, settled), { merge: 'nudge' })
  }
}

function onEdgesChange(changes: EdgeChange<WireEdge>[]): void {
  const chosen = new Set(ui.getState().selectedEdges)
  for (const change of changes) {
    if (change.type !== 'select') continue
    if (change.selected) chosen.add(change.id)
    else chosen.delete(change.id)
  }
  ui.setState({ selectedEdges: chosen })
}

function onConnectStart(_: unknown, { nodeId, handleId, handleType }: OnConnectStartParams): void {
  if (nodeId) ui.setState({ connecting: endOf(nodeId, handleId, handleType) })
}

function pointOf(event: globalThis.MouseEvent | TouchEvent): Point {
  const at = 'changedTouches' in event ? event.changedTouches[0] : event
  return at ? [at.clientX, at.clientY] : [0, 0]
}

/** The wire was let go: on a socket, on a node, or on the empty canvas. */
function onConnectEnd(event: globalThis.MouseEvent | TouchEvent, state: FinalConnectionState): void {
  const from = ui.getState().connecting
  ui.setState({ connecting: null })
  if (!from || state.isValid) return
  const screen = pointOf(event)
  const below = document.elementFromPoint(...screen)
  if (state.toHandle && state.toNode) {
    join(from, endOf(state.toNode.id, state.toHandle.id, state.toHandle.type))
    return
  }
  const nodeId = below?.closest<HTMLElement>('.react-flow__node')?.dataset.id
  if (nodeId && nodeId !== from.node) {
    const socket = socketFor(from, nodeId)
    if (socket) join(from, socket)
    else toast('These two do not fit', { detail: 'This node has no socket that fits the wire.', tone: 'bad' })
    return
  }
  if (!nodeId && below?.closest('.react-flow__pane')) {
    ui.setState({ palette: { mode: 'nodes', at: toGraph(screen), screen, from } })
  }
}

function onConnect({ source, sourceHandle, target, targetHandle }: Connection): void {
  join(endOf(source, sourceHandle, 'source'), endOf(target, targetHandle, 'target'))
}

const isValid = (wire: Connection | WireEdge) =>
  mayJoin(endOf(wire.source, wire.sourceHandle, 'source'), endOf(wire.target, wire.targetHandle, 'target')).ok

function openPalette(event: MouseEvent): void {
  if (!(event.target as Element).classList.contains('react-flow__pane')) return
  const screen: Point = [event.clientX, event.clientY]
  ui.setState({ palette: { mode: 'nodes', at: toGraph(screen), screen, from: null } })
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
/** What would only puzzle where it does not apply. */
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

function openMenu(event: MouseEvent | globalThis.MouseEvent, node: OpNode | null): void {
  const target = event.target as Element
  if (target.closest('input, textarea, select')) return
  event.preventDefault()
  if (node && isPanel(node.id)) return
  if (node && !ui.getState().selected.has(node.id)) select([node.id])
  const commands = (node ? NODE_MENU : CANVAS_MENU).filter((id) => !OFFERED_WHEN.has(id) || isAvailable(id))
  ui.setState({ menu: { at: [event.clientX, event.clientY], commands, label: node ? 'Node' : 'Canvas' } })
}

function ViewportWatch() {
  useOnViewportChange({
    onChange: ({ zoom }) => setDetail(zoom),
    onEnd: rememberViewport,
  })
  return null
}

/** A wire that was pulled off its input and dropped on nothing is taken away. */
function useReconnect() {
  const landed = useRef(false)
  return {
    onReconnectStart: useCallback(() => {
      landed.current = false
    }, []),
    onReconnect: useCallback((old: WireEdge, { source, sourceHandle, target, targetHandle }: Connection) => {
      landed.current = true
      const [from, to] = [endOf(source, sourceHandle, 'source'), endOf(target, targetHandle, 'target')]
      docStore.commit('Rewire', (body, doc) => {
        // an end that stays where it is gets another source; any other one is let go first
        if (old.target !== to.node || old.targetHandle !== to.socket) cutEdge(body, doc, old.id)
        lead(body, from, to)
      })
    }, []),
    onReconnectEnd: useCallback((event: globalThis.MouseEvent | TouchEvent, edge: WireEdge) => {
      ui.setState({ connecting: null, palette: null })
      const below = document.elementFromPoint(...pointOf(event))
      if (!landed.current && below?.closest('.react-flow__pane')) {
        docStore.commit('Disconnect', (body, doc) => cutEdge(body, doc, edge.id))
      }
    }, []),
  }
}

export function Canvas() {
  const nodes = useStore(flowStore, (state) => state.nodes)
  const edges = useStore(flowStore, (state) => state.edges)
  const far = useStore(ui, (state) => state.far)
  const plain = useStore(ui, (state) => state.plain)
  const opened = useStore(docStore, (state) => state.opened)
  const reconnect = useReconnect()
  const first = useRef(true)

  useEffect(() => {
    if (opened > 0 && !(first.current && remembered())) fitGraph()
    first.current = false
  }, [opened])

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: a shortcut for the pointer; the space key does the same
    <div className={plain ? 'canvas is-plain' : 'canvas'} onDoubleClick={openPalette}>
      <ReactFlow<OpNode, WireEdge>
        nodes={far ? NO_NODES : nodes}
        edges={far ? NO_EDGES : edges}
        nodeTypes={nodeTypes}
        edgeTypes={edgeTypes}
        onInit={setFlow}
        defaultViewport={firstViewport()}
        onNodesChange={onNodesChange}
        onEdgesChange={onEdgesChange}
        onNodeDragStop={settleDrag}
        onSelectionDragStop={settleDrag}
        onConnect={onConnect}
        onConnectStart={onConnectStart}
        onConnectEnd={onConnectEnd}
        {...reconnect}
        isValidConnection={isValid}
        onNodeContextMenu={openMenu}
        onPaneContextMenu={(event) => openMenu(event, null)}
        onSelectionContextMenu={(event, chosen) => openMenu(event, chosen[0] ?? null)}
        onlyRenderVisibleElements
        minZoom={0.04}
        maxZoom={2.5}
        panOnDrag={PAN_WITH}
        selectionKeyCode="Shift"
        multiSelectionKeyCode={['Meta', 'Control', 'Shift']}
        panActivationKeyCode={null}
        deleteKeyCode={null}
        zoomOnDoubleClick={false}
        elevateEdgesOnSelect={false}
        connectionRadius={26}
        reconnectRadius={12}
        nodeDragThreshold={2}
        proOptions={{ hideAttribution: true }}
        attributionPosition="bottom-left"
        aria-label="Graph"
      >
        {!far && <Grid />}
        <Boxes />
        <ViewportWatch />
        <FarView />
      </ReactFlow>
    </div>
  )
}
