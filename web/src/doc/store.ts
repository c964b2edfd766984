/**
 * The document store. Every edit goes through `commit`: one recipe, one pair of patches, one step of the history.
 * Selection, viewport and run state live elsewhere.
 */
import { apply, create, type Patches } from 'mutative'
import { createStore } from 'zustand/vanilla'
import { emptyHistory, type History, record, redoNext, takeBack } from './history'
import { type Doc, emptyDoc } from './types'

/** Where the document comes from; part of the state so that undo crosses "open". */
export interface Origin {
  /** Path of the saved workflow on the server, or '' when it was never saved. */
  path: string
  /** Runs carry it, so that their states stand on the nodes of the document that was run and on no other. */
  key: string
}

export const newKey = () => Math.random().toString(36).slice(2, 10)

export interface Content {
  doc: Doc
  origin: Origin
}

export interface DocState extends Content {
  history: History
  /** Counts the edits made by hand since the page was loaded. */
  edits: number
  /** Rises with each change of whatever kind. */
  version: number
  /** Rises when another document took the place: the view is fitted then. */
  opened: number
}

export interface CommitOptions {
  /** Edits with the same key that follow each other closely are one step. */
  merge?: string
  /** Another document takes the place of this one. */
  opens?: boolean
  /** False for what a run writes into the document, such as a drawn seed. */
  byHand?: boolean
}

// Documents hold JSON, whose type is recursive: the library's own draft types never end on it.
const edit = create as unknown as (
  base: Content,
  recipe: (draft: Content) => void,
  options: { enablePatches: true },
) => [Content, Patches, Patches]

export type Listener = (patches: Patches, content: Content) => void

export function createDocStore() {
  const store = createStore<DocState>(() => ({
    doc: emptyDoc(),
    origin: { path: '', key: '' },
    history: emptyHistory,
    edits: 0,
    version: 0,
    opened: 0,
  }))
  const listeners = new Set<Listener>()
  const tell = (patches: Patches, content: Content) => {
    for (const listener of listeners) listener(patches, content)
  }

  function commitContent(
    label: string,
    recipe: (draft: Content) => void,
    options: CommitOptions = {},
  ): boolean {
    const { doc, origin, history, edits, version, opened } = store.getState()
    const [next, patches, inverse] = edit({ doc, origin }, recipe, { enablePatches: true })
    if (!patches.length) return false
    store.setState({
      ...next,
      history: record(history, { label, patches, inverse, merge: options.merge ?? '', at: Date.now() }),
      edits: options.byHand === false ? edits : edits + 1,
      version: version + 1,
      opened: opened + (options.opens ? 1 : 0),
    })
    tell(patches, next)
    return true
  }

  /** Change the document by a recipe on a draft. Returns whether anything changed. */
  function commit(label: string, recipe: (draft: Doc) => void, options?: CommitOptions): boolean {
    return commitContent(
      label,
      (draft) => {
        recipe(draft.doc) // what it returns is no document
      },
      options,
    )
  }

  function travel(step: ReturnType<typeof takeBack>, back: boolean): string | null {
    if (!step) return null
    const [{ label, patches, inverse }, history] = step
    const { doc, origin, edits, version, opened } = store.getState()
    const way = back ? inverse : patches
    const next = apply({ doc, origin }, way)
    const other = way.some((patch) => patch.path.length === 1 && patch.path[0] === 'doc')
    store.setState({
      ...next,
      history,
      edits: edits + 1,
      version: version + 1,
      opened: opened + (other ? 1 : 0),
    })
    tell(way, next)
    return label
  }

  return {
    ...store,
    commit,
    undo: () => travel(takeBack(store.getState().history), true),
    redo: () => travel(redoNext(store.getState().history), false),
    /** Put another document in the place of this one, as a step that can be undone. */
    open(doc: Doc, path = '', label = 'Open') {
      commitContent(
        label,
        (draft) => {
          draft.doc = doc
          draft.origin = { path, key: newKey() }
        },
        { byHand: false, opens: true },
      )
    },
    /** The document of the last session, or of the first start: no step of the history. */
    load(content: Content) {
      store.setState((state) => ({
        ...content,
        history: emptyHistory,
        edits: 0,
        version: state.version + 1,
        opened: state.opened + 1,
      }))
    },
    /** The document was saved under a path; not undoable. */
    setPath(path: string) {
      const origin = { ...store.getState().origin, path }
      store.setState({ origin })
      tell([{ op: 'replace', path: ['origin'], value: origin }], store.getState())
    },
    onChange(listener: Listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

export type DocStore = ReturnType<typeof createDocStore>
export const docStore = createDocStore()
