/** The store of the nodes and edges for React Flow, derived from document, node types and selection. */
import { createStore } from 'zustand/vanilla'
import type { CatalogueStore } from '../catalogue/store'
import type { DocStore } from '../document/store'
import type { NodeId } from '../document/types'
import type { Ui } from '../state/ui'
import type { Carried } from '../subworkflows/generics'
import type { NodeTypes } from '../subworkflows/lookup'
import { type Carrier, carrierOf } from '../subworkflows/typeInference'
import { deriveEdges, isSameWiring, type WireEdge, type Wiring } from './flowEdges'
import { deriveNodes, type Entry, type OpNode } from './flowNodes'
import type { FieldSizes, Shape } from './geometry'

export interface FlowState {
  nodes: OpNode[]
  edges: WireEdge[]
  shapes: ReadonlyMap<NodeId, Shape>
}

interface Parts {
  doc: DocStore
  catalogue: CatalogueStore
  types: NodeTypes
  ui: Ui
  fieldSizes: FieldSizes
}

const isSameList = <T>(one: readonly T[], other: readonly T[]) =>
  one.length === other.length && one.every((item, at) => item === other[at])

export function createFlow({ doc, catalogue, types, ui, fieldSizes }: Parts) {
  const store = createStore<FlowState>(() => ({ nodes: [], edges: [], shapes: new Map() }))
  let entries: ReadonlyMap<NodeId, Entry> = new Map()
  let wires: ReadonlyMap<string, WireEdge> = new Map()
  let wiring: Wiring | null = null
  let carrier: Carrier = () => ({ type: '*', each: false, isList: false })

  function derive(): void {
    const { body, path } = doc.getState()
    const { selected, selectedEdges, moving } = ui.getState()
    const { typeFor } = types
    carrier = carrierOf(body, typeFor, types.converts)
    entries = deriveNodes({ body, path, selected, moving, typeFor, carrier, fieldSizes }, entries)
    const nodes: OpNode[] = []
    const shapes = new Map<NodeId, Shape>()
    for (const [id, entry] of entries) {
      nodes.push(entry.node)
      shapes.set(id, entry.shape)
    }
    const before = store.getState()
    const next: Partial<FlowState> = {}
    if (!isSameList(nodes, before.nodes)) Object.assign(next, { nodes, shapes })
    const now = { body, shapes, selected: selectedEdges }
    if (!wiring || !isSameWiring(wiring, now)) {
      wires = deriveEdges(body, shapes, selectedEdges, wires)
      const edges = [...wires.values()]
      if (!isSameList(edges, before.edges)) next.edges = edges
    }
    wiring = now
    if (next.nodes || next.edges) store.setState(next)
  }

  /** Subscribes to the document, the node types and the selection, and derives nodes and edges anew. */
  function start(): void {
    doc.subscribe((now, before) => {
      // equal ids in another document are other nodes
      if (now.opened !== before.opened) {
        ui.select([])
        ui.setState({ moving: {}, connecting: null, renaming: null, why: null })
      }
      if (now.body !== before.body || now.doc.subs !== before.doc.subs) derive()
    })
    catalogue.subscribe((now, before) => {
      if (now.types !== before.types) derive()
    })
    ui.subscribe((now, before) => {
      if (
        now.selected !== before.selected ||
        now.selectedEdges !== before.selectedEdges ||
        now.moving !== before.moving
      ) {
        derive()
      }
    })
    derive()
  }

  return {
    ...store,
    start,
    /** The type that an output of a shown node carries. */
    carriedBy: (id: NodeId, output: string): Carried => carrier(id, output),
  }
}

export type Flow = ReturnType<typeof createFlow>
