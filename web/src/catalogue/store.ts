/** The node types of the server, and the names that file inputs may take. Kept in the browser so that a graph paints at once. */
import { createStore } from 'zustand/vanilla'
import type { FileWidget, LeftOut, NodeType, PackInfo, Catalogue as Types } from '../api/types'

export interface CatalogueState {
  types: ReadonlyMap<string, NodeType>
  list: readonly NodeType[]
  packs: readonly PackInfo[]
  /** Whether node types came from anywhere yet. */
  loaded: boolean
  /** By `choicesKey`: the names that a file input offers; absent until asked for. */
  choices: Readonly<Record<string, readonly string[]>>
  /** By `choicesKey`: what lies in the folder and cannot be chosen, with the reason. */
  leftOut: Readonly<Record<string, readonly LeftOut[]>>
}

/** Inputs with the same key offer the same files. A folder has no `?` in its name. */
export const choicesKey = ({ folder, fits }: Pick<FileWidget, 'folder' | 'fits'>): string =>
  fits?.length ? `${folder}?${fits.join(',')}` : folder

export function createCatalogue() {
  const store = createStore<CatalogueState>(() => ({
    types: new Map(),
    list: [],
    packs: [],
    loaded: false,
    choices: {},
    leftOut: {},
  }))

  return {
    ...store,
    /** The version of the node types that are here, for the server. */
    etag: '',
    /** The keys of the choices that were asked for. */
    wanted: new Set<string>(),

    /** Resolves when node types are here, or after some time without. */
    typesAreHere(patience: number): Promise<void> {
      if (store.getState().loaded) return Promise.resolve()
      return new Promise((done) => {
        const timer = setTimeout(finish, patience)
        const leave = store.subscribe((state) => state.loaded && finish())
        function finish() {
          clearTimeout(timer)
          leave()
          done()
        }
      })
    },

    setTypes({ nodes, packs }: Pick<Types, 'nodes' | 'packs'>): void {
      store.setState({
        types: new Map(nodes.map((node) => [node.id, node])),
        list: nodes,
        packs,
        // before the very first worker is up, the server has none to give
        loaded: nodes.length > 0,
      })
    },

    setChoices(key: string, names: readonly string[], leftOut: readonly LeftOut[]): void {
      store.setState((state) => ({
        choices: { ...state.choices, [key]: names },
        leftOut: { ...state.leftOut, [key]: leftOut },
      }))
    },
  }
}

export type CatalogueStore = ReturnType<typeof createCatalogue>
