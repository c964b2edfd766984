/** What actions remember from one call to the next, beside the stores. Nothing is drawn from it. */
import type { Viewport } from '@xyflow/react'
import type { OuterWire } from '../document/outerWires'
import type { Doc, SubId } from '../document/types'

/** How the document stands to its file on the server. */
export interface Filing {
  etag: string
  /** Whether there are edits that the file on the server does not have. */
  unsaved: boolean
}

/** What was copied in this tab, and from where: its text, the document, the body in it, and the wires from other nodes. */
export interface Copied {
  text: string
  key: string
  place: string
  wires: readonly OuterWire[]
}

export const NOTHING_COPIED: Copied = { text: '', key: '', place: '', wires: [] }

/** What could not be taken up of the last session. */
export interface Trouble {
  /** Edits at its end that could not be read. */
  lostEdits: number
  /** A session that is damaged: why, and what there is of it, as text. */
  setAside: { why: string; text: string } | null
}

type Timer = ReturnType<typeof setTimeout> | undefined

export interface Memory {
  filing: Filing
  /** How each document of this page stands to its file, by its key, for when undo comes back to it. */
  filings: Map<string, Filing>
  saving: { timer: Timer; busy: boolean; again: boolean }
  /** `step` is the number of the last edit that the autosave wrote. */
  session: { step: number; timer: Timer; trouble: Trouble }
  /** `times` counts how often the same copy was pasted; `shift` is whether the key is down. */
  clipboard: { copied: Copied; times: number; shift: boolean }
  /** The viewport of each body from before a node inside it was opened. `of` says for which document. */
  views: { of: number; byPath: Map<string, Viewport> }
  /** How often definitions are used, counted once for each state of the document. */
  uses: WeakMap<Doc, Map<SubId, number>>
}

export const createMemory = (): Memory => ({
  filing: { etag: '', unsaved: false },
  filings: new Map(),
  saving: { timer: undefined, busy: false, again: false },
  session: { step: 0, timer: undefined, trouble: { lostEdits: 0, setAside: null } },
  clipboard: { copied: NOTHING_COPIED, times: 0, shift: false },
  views: { of: 0, byPath: new Map() },
  uses: new WeakMap(),
})
