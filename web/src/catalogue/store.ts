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
  /** Folder of a file input -> what lies there and cannot be chosen, with the reason. */
  leftOut: Readonly<Record<string, readonly LeftOut[]>>
}

export interface LeftOut {
  name: string
  reason: string
}

export const defsStore = createStore<DefsState>(() => ({
  types: new Map(),
  list: [],
  packs: [],
  loaded: false,
  choices: {},
  leftOut: {},
}))

/** Resolves when node types are here, or after some time without. */
export function typesAreHere(patience: number): Promise<void> {
  if (defsStore.getState().loaded) return Promise.resolve()
  return new Promise((done) => {
    const timer = setTimeout(finish, patience)
    const leave = defsStore.subscribe((state) => state.loaded && finish())
    function finish() {
      clearTimeout(timer)
      leave()
      done()
    }
  })
}

export function setCatalogue(catalogue: Catalogue): void {
  defsStore.setState({
    types: new Map(catalogue.nodes.map((node) => [node.id, node])),
    list: catalogue.nodes,
    packs: catalogue.packs,
    // before the very first worker is up, the server has none to give
    loaded: catalogue.nodes.length > 0,
  })
}

export function setChoices(folder: string, names: readonly string[], leftOut: readonly LeftOut[]): void {
  defsStore.setState((state) => ({
    choices: { ...state.choices, [folder]: names },
    leftOut: { ...state.leftOut, [folder]: leftOut },
  }))
}
