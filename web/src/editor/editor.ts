/**
 * All parts of one editor. They are made here and handed to actions as an argument and to components by `useEditor`.
 * Two editors in one process share nothing but the browser. Below this floor, functions name the few parts that they
 * need as their first argument; an editor has them all.
 */
import { createStore, type StoreApi } from 'zustand/vanilla'
import { type Access, createAccess } from '../api/access'
import { createHttp, type Http } from '../api/http'
import { type CatalogueStore, createCatalogue } from '../catalogue/store'
import { createDocStore, type DocStore, newKey } from '../document/store'
import { createPreviews, type Previews } from '../run/previews'
import { createRunStore, type RunStore } from '../run/store'
import { createIsUnneeded, type IsUnneeded } from '../run/unneeded'
import { createFlow, type Flow } from '../scene/flow'
import type { FieldSizes } from '../scene/geometry'
import { createGraphView, type GraphView } from '../scene/viewport'
import { type Commands, createCommands } from '../state/commands'
import { createFreshPictures, type FreshPictures } from '../state/freshPictures'
import { createUi, type Ui } from '../state/ui'
import type { Client } from '../storage/client'
import { createStorage, type Storage } from '../storage/database'
import { createTypes, type NodeTypes } from '../subworkflows/lookup'
import { createMemory, type Memory } from './memory'

/** How the workflow stands to its file on the server, in a word. */
export type SaveState = 'unsaved' | 'saved' | 'waiting' | 'saving' | 'failed' | 'conflict'

export interface Editor {
  /** The beginning of the ids of elements, so that two editors may stand on a page. */
  prefix: string
  /** Whether the server lets this page in. */
  access: Access
  http: Http
  /** What the browser keeps. */
  storage: Storage
  /** The identity of this tab. */
  client: Client
  doc: DocStore
  /** Node types of the server. */
  catalogue: CatalogueStore
  /** Node types of the server and of the document. */
  types: NodeTypes
  ui: Ui
  commands: Commands
  run: RunStore
  previews: Previews
  isUnneeded: IsUnneeded
  /** How the fields of nodes are laid out, by their widgets. */
  fieldSizes: FieldSizes
  /** The document as nodes and edges on screen. */
  flow: Flow
  /** The part of the graph that is in view. */
  view: GraphView
  fresh: FreshPictures
  saving: StoreApi<{ state: SaveState }>
  /** Why this browser does not keep what is edited; empty where it does. */
  keeping: StoreApi<{ problem: string }>
  memory: Memory
}

/** What an editor does not make itself: the sizes of fields, and what lies outside of the page, which tests replace. */
export type Given = Pick<Editor, 'fieldSizes'> & Partial<Pick<Editor, 'http' | 'storage'>>

export function createEditor({ fieldSizes, http, storage }: Given): Editor {
  const access = createAccess()
  const doc = createDocStore()
  const catalogue = createCatalogue()
  const types = createTypes(doc, catalogue)
  const ui = createUi()
  const flow = createFlow({ doc, catalogue, types, ui, fieldSizes })
  return {
    prefix: `e${newKey()}`,
    access,
    http: http ?? createHttp(access),
    storage: storage ?? createStorage(),
    client: { id: '' },
    doc,
    catalogue,
    types,
    ui,
    commands: createCommands(),
    run: createRunStore(),
    previews: createPreviews(),
    isUnneeded: createIsUnneeded(doc, types),
    fieldSizes,
    flow,
    view: createGraphView({ doc, ui, flow }),
    fresh: createFreshPictures(),
    saving: createStore<{ state: SaveState }>(() => ({ state: 'unsaved' })),
    keeping: createStore<{ problem: string }>(() => ({ problem: '' })),
    memory: createMemory(),
  }
}
