/** The viewport: fitting, jumping to nodes, conversion between coordinates of the screen and of the graph. */
import type { ReactFlowInstance, Viewport } from '@xyflow/react'
import { flushSync } from 'react-dom'
import type { DocStore } from '../document/store'
import type { Path } from '../document/subworkflows'
import type { NodeId, Point } from '../document/types'
import type { Ui } from '../state/ui'
import type { Flow } from './flow'
import type { WireEdge } from './flowEdges'
import type { OpNode } from './flowNodes'
import { type Box, boundsOf } from './geometry'

/** Below this zoom one canvas paints everything; see “What keeps it quick” in web/README.md. */
export const FAR_BELOW = 0.35
/** Below this zoom fields are shown as text: they are too small to use and take most of the frame time. */
export const PLAIN_BELOW = 0.42
const KEY = 'jacquard.viewport'
const MARGIN = 22

export const boxOf = (node: OpNode): Box => ({
  x: node.position.x,
  y: node.position.y,
  width: node.width ?? 0,
  height: node.height ?? 0,
})

/** The viewport and the open sub-workflow. */
type Remembered = Viewport & { path?: Path }

export function remembered(): Remembered | null {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) ?? 'null') as Remembered | null
  } catch {
    return null
  }
}

export function forgetViewport(): void {
  sessionStorage.removeItem(KEY)
}

const still = () => window.matchMedia('(prefers-reduced-motion: reduce)').matches

interface Parts {
  doc: DocStore
  ui: Ui
  flow: Flow
}

export function createGraphView({ doc, ui, flow: graph }: Parts) {
  let flow: ReactFlowInstance<OpNode, WireEdge> | null = null
  let element: Element | null = null

  /** The element that shows the graph, as long as it is on the page. */
  function attach(canvas: Element | null): void {
    element = canvas
  }

  /** The element of a visible node. */
  function elementOf(id: NodeId): Element | null {
    return element?.querySelector(`.react-flow__node[data-id="${CSS.escape(id)}"]`) ?? null
  }

  function canvasSize(): [number, number] {
    const box = element?.getBoundingClientRect()
    if (box) return [box.width, box.height]
    // before the first paint: the size that the stylesheet gives the canvas
    const style = getComputedStyle(document.documentElement)
    const taken = (name: string) => Number.parseFloat(style.getPropertyValue(name)) || 0
    return [
      window.innerWidth - taken('--result'),
      (window.innerHeight - taken('--bar')) * (1 - taken('--below')),
    ]
  }

  function viewportFor(box: Box, largest: number): Viewport {
    const [width, height] = canvasSize()
    const zoom = Math.max(
      0.05,
      Math.min(largest, (width - 2 * MARGIN) / box.width, (height - 2 * MARGIN) / box.height),
    )
    return {
      zoom,
      x: width / 2 - (box.x + box.width / 2) * zoom,
      y: height / 2 - (box.y + box.height / 2) * zoom,
    }
  }

  function fitting(ids?: ReadonlySet<NodeId>, largest = 1): Viewport | null {
    const nodes = graph.getState().nodes.filter((node) => !ids || ids.has(node.id))
    const box = boundsOf(nodes.map(boxOf))
    return box && viewportFor(box, largest)
  }

  let first: Viewport = { x: 0, y: 0, zoom: 1 }

  /** Opens the sub-workflow that was open before a reload; called before the first paint. */
  function returnInside(): void {
    const path = remembered()?.path
    if (!Array.isArray(path)) return
    doc.enter(path)
    if (doc.getState().path.length !== path.length) forgetViewport() // it no longer exists: fit everything instead
  }

  /** Chooses the viewport of the first paint: the remembered one after a reload, else one that fits everything. */
  function prepareViewport(): void {
    first = remembered() ?? fitting() ?? first
    setDetail(first.zoom)
  }

  const firstViewport = () => first

  /** Sets the level of detail for a zoom. */
  function setDetail(zoom: number): void {
    const { far, plain } = ui.getState()
    const next = { far: zoom < FAR_BELOW, plain: zoom < PLAIN_BELOW }
    if (next.far !== far || next.plain !== plain) ui.setState(next)
  }

  function rememberViewport(viewport: Viewport): void {
    try {
      const { path } = doc.getState()
      sessionStorage.setItem(KEY, JSON.stringify({ ...viewport, ...(path.length && { path }) }))
    } catch {
      // without storage only the remembered viewport is lost
    }
  }

  function setFlow(instance: ReactFlowInstance<OpNode, WireEdge>): void {
    flow = instance
  }

  function go(viewport: Viewport | null, animate: boolean): void {
    if (!viewport || !flow) return
    const instance = flow
    const move = () => void instance.setViewport(viewport, { duration: animate && !still() ? 220 : 0 })
    rememberViewport(viewport)
    if (viewport.zoom < FAR_BELOW && !ui.getState().far) {
      // removes the nodes before the viewport moves: else each of them is mounted for a moment
      flushSync(() => ui.setState({ far: true }))
    }
    move()
  }

  /** Switches to the far view when another document opens at a small zoom, so that its nodes are never mounted. */
  function watchOpened(): void {
    doc.subscribe((now, before) => {
      if (now.opened !== before.opened && (fitting()?.zoom ?? 1) < FAR_BELOW) ui.setState({ far: true })
    })
  }

  function fitGraph(animate = false): void {
    if (flow) go(fitting(), animate)
  }

  /** Moves the viewport to nodes, at a zoom at which they are readable. */
  function showNodes(ids: Iterable<NodeId>): void {
    if (flow) go(fitting(new Set(ids)), true)
  }

  /** Shows nodes that are not fully visible. New nodes are on the canvas one frame later. */
  function bringIntoSight(ids: readonly NodeId[]): void {
    requestAnimationFrame(() => {
      const wanted = new Set(ids)
      const box = boundsOf(
        graph
          .getState()
          .nodes.filter(({ id }) => wanted.has(id))
          .map(boxOf),
      )
      const { x, y, zoom } = currentViewport()
      const [width, height] = canvasSize()
      const isSeen =
        box &&
        box.x * zoom + x >= 0 &&
        box.y * zoom + y >= 0 &&
        (box.x + box.width) * zoom + x <= width &&
        (box.y + box.height) * zoom + y <= height
      if (box && !isSeen) showNodes(ids)
    })
  }

  function zoomBy(factor: number): void {
    if (flow) void flow.zoomTo(flow.getZoom() * factor, { duration: still() ? 0 : 140 })
  }

  function currentViewport(): Viewport {
    return flow?.getViewport() ?? { x: 0, y: 0, zoom: 1 }
  }

  function setViewport(viewport: Viewport): void {
    go(viewport, false)
  }

  function toGraph([x, y]: Point): Point {
    const at = flow?.screenToFlowPosition({ x, y })
    return at ? [at.x, at.y] : [x, y]
  }

  /** The middle of the visible area in coordinates of the graph. */
  function middle(): Point {
    const box = element?.getBoundingClientRect()
    return box ? toGraph([box.x + box.width / 2, box.y + box.height / 2]) : [0, 0]
  }

  return {
    attach,
    elementOf,
    returnInside,
    prepareViewport,
    firstViewport,
    setDetail,
    rememberViewport,
    setFlow,
    watchOpened,
    fitGraph,
    showNodes,
    bringIntoSight,
    zoomBy,
    currentViewport,
    setViewport,
    toGraph,
    middle,
  }
}

export type GraphView = ReturnType<typeof createGraphView>
