/**
 * The document store. Every edit goes through `commit`: one recipe, one pair of patches, one step of the history.
 * Selection, viewport and run state live elsewhere.
 */
import { apply, create, type Patches } from 'mutative'
import { createStore } from 'zustand/vanilla'
import { emptyHistory, type History, record, redoNext, takeBack } from './history'
import { bodyAt, type Path, validPath } from './subworkflows'
import { type Body, type Doc, emptyDoc } from './types'

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
  /** Which sub-workflow is open; empty for the workflow itself. */
  path: Path
  /** The nodes that are shown and edited: those at the end of the path. */
  body: Body
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

const OUTSIDE: Path = []

export type Listener = (patches: Patches, content: Content) => void

export function createDocStore() {
  const blank = emptyDoc()
  const store = createStore<DocState>(() => ({
    doc: blank,
    path: OUTSIDE,
    body: blank,
    origin: { path: '', key: '' },
    history: emptyHistory,
    edits: 0,
    version: 0,
    opened: 0,
  }))
  const listeners = new Set<Listener>()
  const publish = (patches: Patches, content: Content) => {
    for (const listener of listeners) listener(patches, content)
  }

  function commitContent(
    label: string,
    recipe: (draft: Content) => void,
    options: CommitOptions = {},
  ): boolean {
    const { doc, origin, history, edits, version, opened, path } = store.getState()
    const [next, patches, inverse] = edit({ doc, origin }, recipe, { enablePatches: true })
    if (!patches.length) return false
    const merge = options.merge && [...path.map((place) => place.sub), options.merge].join('/')
    store.setState({
      ...next,
      ...placed(next.doc, options.opens ? OUTSIDE : path),
      history: record(history, { label, patches, inverse, path, merge: merge ?? '', at: Date.now() }),
      edits: options.byHand === false ? edits : edits + 1,
      version: version + 1,
      opened: opened + (options.opens ? 1 : 0),
    })
    publish(patches, next)
    return true
  }

  /** Change what is shown by a recipe on a draft of it, and of the whole document. Returns whether anything changed. */
  function commit(label: string, recipe: (body: Body, doc: Doc) => void, options?: CommitOptions): boolean {
    const { path } = store.getState()
    return commitContent(
      label,
      ({ doc }) => {
        recipe(bodyAt(doc, path), doc) // what it returns is no document
      },
      options,
    )
  }

  function placed(doc: Doc, wanted: Path): Pick<DocState, 'path' | 'body'> {
    const path = validPath(doc, wanted)
    return { path, body: bodyAt(doc, path) }
  }

  function travel(step: ReturnType<typeof takeBack>, back: boolean): string | null {
    if (!step) return null
    const [{ label, patches, inverse, path }, history] = step
    const { doc, origin, edits, version, opened } = store.getState()
    const way = back ? inverse : patches
    const next = apply({ doc, origin }, way)
    const other = way.some((patch) => patch.path.length === 1 && patch.path[0] === 'doc')
    store.setState({
      ...next,
      // opens the place of the edit, so that the change is visible
      ...placed(next.doc, other ? OUTSIDE : path),
      history,
      edits: edits + 1,
      version: version + 1,
      opened: opened + (other ? 1 : 0),
    })
    publish(way, next)
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
    load({ doc: kept, origin }: Content) {
      const doc = kept.subs ? kept : { ...kept, subs: {} } // a session from before there were sub-workflows
      store.setState((state) => ({
        doc,
        origin,
        ...placed(doc, OUTSIDE),
        history: emptyHistory,
        edits: 0,
        version: state.version + 1,
        opened: state.opened + 1,
      }))
    },
    /** Show a sub-workflow, or with an empty path the workflow itself: no change of the document. */
    enter(path: Path) {
      store.setState((state) => placed(state.doc, path))
    },
    /** The document was saved under a path; not undoable. */
    setPath(path: string) {
      const origin = { ...store.getState().origin, path }
      store.setState({ origin })
      publish([{ op: 'replace', path: ['origin'], value: origin }], store.getState())
    },
    onChange(listener: Listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

export type DocStore = ReturnType<typeof createDocStore>
