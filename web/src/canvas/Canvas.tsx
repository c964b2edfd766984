/** The graph on screen: React Flow as host of pan, zoom, drag and wires; everything else comes from the stores. */
import { type Connection, ReactFlow, useOnViewportChange } from '@xyflow/react'
import { type CSSProperties, useEffect, useMemo, useRef } from 'react'
import { useStore } from 'zustand'
import { useEditor } from '../editor/context'
import type { Editor } from '../editor/editor'
import type { WireEdge } from '../scene/flowEdges'
import type { OpNode } from '../scene/flowNodes'
import { SIZE_VARIABLES } from '../scene/sizes'
import { remembered } from '../scene/viewport'
import { Boxes } from './Boxes'
import { FarView } from './far/FarView'
import { Grid } from './Grid'
import { dropReconnected, handlersOf, rewire } from './handlers'
import { openPalette } from './menus'
import { NodeView } from './NodeView'
import { PortPanel } from './PortPanel'
import { Wire } from './Wire'
import './Canvas.css'

const nodeTypes = { op: NodeView, ports: PortPanel }
const edgeTypes = { wire: Wire }
const NO_NODES: OpNode[] = []
const NO_EDGES: WireEdge[] = []
const PAN_WITH = [0, 1]

function ViewportWatch() {
  const editor = useEditor()
  useOnViewportChange({
    onChange: ({ zoom }) => editor.view.setDetail(zoom),
    onEnd: editor.view.rememberViewport,
  })
  return null
}

/** Handlers that reconnect a wire; one that is dropped on the empty canvas is removed. */
function useReconnect(editor: Editor) {
  const landed = useRef(false)
  return useMemo(
    () => ({
      onReconnectStart() {
        landed.current = false
      },
      onReconnect(old: WireEdge, wire: Connection) {
        landed.current = true
        rewire(editor, old, wire)
      },
      onReconnectEnd(event: globalThis.MouseEvent | TouchEvent, edge: WireEdge) {
        dropReconnected(editor, event, edge, landed.current)
      },
    }),
    [editor],
  )
}

export function Canvas() {
  const editor = useEditor()
  const nodes = useStore(editor.flow, (state) => state.nodes)
  const edges = useStore(editor.flow, (state) => state.edges)
  const far = useStore(editor.ui, (state) => state.far)
  const plain = useStore(editor.ui, (state) => state.plain)
  const opened = useStore(editor.doc, (state) => state.opened)
  const reconnect = useReconnect(editor)
  const handlers = useMemo(() => handlersOf(editor), [editor])
  const first = useRef(true)

  useEffect(() => {
    if (opened > 0 && !(first.current && remembered())) editor.view.fitGraph()
    first.current = false
  }, [opened, editor])

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: a shortcut for the pointer; the space key does the same
    <div
      className={plain ? 'canvas is-plain' : 'canvas'}
      style={SIZE_VARIABLES as CSSProperties}
      ref={editor.view.attach}
      onDoubleClick={(event) => openPalette(editor, event)}
    >
      <ReactFlow<OpNode, WireEdge>
        nodes={far ? NO_NODES : nodes}
        edges={far ? NO_EDGES : edges}
        nodeTypes={nodeTypes}
        edgeTypes={edgeTypes}
        onInit={editor.view.setFlow}
        defaultViewport={editor.view.firstViewport()}
        {...handlers}
        {...reconnect}
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
