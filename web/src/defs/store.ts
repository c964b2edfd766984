/** The node types of the server, and the names that file inputs may take. Kept in the browser so that a graph paints at once. */
import { createStore } from 'zustand/vanilla'
import type { Catalogue, NodeType, PackInfo } from '../api/types'

export interface DefsState {
  types: ReadonlyMap<string, NodeType>
  list: readonly NodeType[]
  packs: readonly PackInfo[]
  /** Whether node types came from anywhere yet. */
  loaded: boolean
  /** Folder of a file input -> the names it offers; absent until asked for. */
  choices: Readonly<Record<string, readonly string[]>>
}

export const defsStore = createStore<DefsState>(() => ({
  types: new Map(),
  list: [],
  packs: [],
  loaded: false,
  choices: {},
}))

export function setCatalogue(catalogue: Catalogue): void {
  defsStore.setState({
    types: new Map(catalogue.nodes.map((node) => [node.id, node])),
    list: catalogue.nodes,
    packs: catalogue.packs,
    loaded: true,
  })
}

export function setChoices(folder: string, names: readonly string[]): void {
  defsStore.setState((state) => ({ choices: { ...state.choices, [folder]: names } }))
}
