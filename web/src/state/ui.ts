/** What is on screen and belongs to no document: selection, open panels, messages, theme. */
import { createStore } from 'zustand/vanilla'
import type { Artifact } from '../api/types'
import { shortened } from '../document/json'
import type { NodeId, Point } from '../document/types'

export type DialogName =
  | 'gallery'
  | 'models'
  | 'templates'
  | 'open'
  | 'save'
  | 'shortcuts'
  | 'packs'
  | 'conflict'
export type ThemeChoice = 'system' | 'light' | 'dark'

/** One end of a wire that is being drawn. */
export interface WireEnd {
  node: NodeId
  socket: string
  side: 'input' | 'output'
}

export interface PaletteState {
  mode: 'nodes' | 'commands'
  /** Where the new node goes, in the coordinates of the graph. */
  at: Point
  /** Where the palette stands on screen; null puts it in the middle. */
  screen: Point | null
  /** The wire that was dropped on the empty canvas. */
  from: WireEnd | null
}

export interface Toast {
  id: number
  text: string
  detail: string
  tone: 'info' | 'good' | 'bad'
  /** It stays until it is over, or closed. */
  lasting?: boolean | undefined
  action?: { label: string; run(): void } | undefined
}

export interface MenuState {
  at: Point
  commands: string[]
  label: string
}

export interface UiState {
  selected: ReadonlySet<NodeId>
  selectedEdges: ReadonlySet<string>
  /** Positions of nodes that are being dragged; written into the document when they are let go. */
  moving: Readonly<Record<NodeId, Point>>
  connecting: WireEnd | null
  palette: PaletteState | null
  dialog: DialogName | null
  viewing: { pictures: readonly Artifact[]; at: number } | null
  menu: MenuState | null
  queueOpen: boolean
  toasts: readonly Toast[]
  theme: ThemeChoice
  far: boolean
  plain: boolean
  /** The node whose title is being written; `renamingSub` when it is that of its sub-workflow, for all who use it. */
  renaming: NodeId | null
  renamingSub: boolean
  /** The node whose card “why did it run” is open. */
  why: NodeId | null
  resultOpen: boolean
  dropping: boolean
}

const NOTHING: ReadonlySet<string> = new Set()

const STAY_MS = 6000
const MOST_AT_ONCE = 5

/** As many as are read; what went wrong stays longest, and what is still so is not pushed out. */
function withoutOldest(toasts: Toast[]): Toast[] {
  if (toasts.length <= MOST_AT_ONCE) return toasts
  const passing = toasts.slice(0, -1).filter((one) => !one.lasting)
  const first = passing.find((one) => one.tone !== 'bad') ?? passing[0] ?? toasts[0]
  return toasts.filter((one) => one !== first)
}

export function createUi() {
  const store = createStore<UiState>(() => ({
    selected: NOTHING,
    selectedEdges: NOTHING,
    moving: {},
    connecting: null,
    palette: null,
    dialog: null,
    viewing: null,
    menu: null,
    queueOpen: false,
    toasts: [],
    theme: 'system',
    far: false,
    plain: false,
    renaming: null,
    renamingSub: false,
    why: null,
    resultOpen: true,
    dropping: false,
  }))

  function select(nodes: Iterable<NodeId>, edges: Iterable<string> = []): void {
    store.setState({ selected: new Set(nodes), selectedEdges: new Set(edges) })
  }

  const hasSelection = (): boolean => store.getState().selected.size > 0

  /** The selected node, when exactly one is. */
  const onlySelected = (): NodeId | undefined => {
    const { selected } = store.getState()
    return selected.size === 1 ? [...selected][0] : undefined
  }

  let toastId = 0

  function toast(text: string, more: Partial<Omit<Toast, 'id' | 'text'>> = {}): void {
    const id = ++toastId
    const detail = shortened(more.detail ?? '', 700)
    const entry: Toast = { id, tone: 'info', ...more, text: shortened(text, 160), detail }
    store.setState(({ toasts }) => ({
      toasts: withoutOldest([...toasts.filter((old) => old.text !== entry.text), entry]),
    }))
    setTimeout(() => dismiss(id), more.tone === 'bad' || more.action ? STAY_MS * 2 : STAY_MS)
  }

  /** Shows what is being done until `end`; `update` changes the words. */
  function working(text: string): { update(text: string): void; end(): void } {
    const id = ++toastId
    const put = (words: string) =>
      store.setState(({ toasts }) => {
        const entry: Toast = { id, text: words, detail: '', tone: 'info', lasting: true }
        const known = toasts.some((one) => one.id === id)
        return { toasts: known ? toasts.map((one) => (one.id === id ? entry : one)) : [...toasts, entry] }
      })
    put(text)
    return { update: put, end: () => dismiss(id) }
  }

  /** Shows what is wrong until the returned function is called: its first sentence, and below it the others. */
  function trouble(message: string): () => void {
    const id = ++toastId
    const end = message.indexOf('. ') + 1 || message.length
    const entry: Toast = {
      id,
      text: message.slice(0, end),
      detail: message.slice(end).trim(),
      tone: 'bad',
      lasting: true,
    }
    store.setState(({ toasts }) => ({ toasts: [...toasts, entry] }))
    return () => dismiss(id)
  }

  function dismiss(id: number): void {
    store.setState((state) => ({ toasts: state.toasts.filter((entry) => entry.id !== id) }))
  }

  /** Shows pictures in full size. */
  function viewPictures(pictures: readonly Artifact[], at: number): void {
    store.setState({ viewing: { pictures, at } })
  }

  return {
    ...store,
    select,
    hasSelection,
    onlySelected,
    toast,
    working,
    trouble,
    dismiss,
    viewPictures,
  }
}

export type Ui = ReturnType<typeof createUi>
