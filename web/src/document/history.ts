/** Undo and redo as pairs of patches. One gesture is one step; typing into one field is one step while it goes on. */
import type { Patches } from 'mutative'
import type { Path } from './subworkflows'

export interface Step {
  label: string
  patches: Patches
  inverse: Patches
  /** Where in the document it was done. */
  path: Path
  /** Steps with the same key that follow each other closely become one. */
  merge: string
  at: number
}

export interface History {
  past: readonly Step[]
  future: readonly Step[]
}

export const LIMIT = 500
const PAUSE_MS = 1500

export const emptyHistory: History = { past: [], future: [] }

export function record(history: History, step: Step): History {
  const last = history.past.at(-1)
  if (step.merge && last?.merge === step.merge && step.at - last.at < PAUSE_MS) {
    const merged: Step = {
      ...last,
      patches: [...last.patches, ...step.patches] as Patches,
      inverse: [...step.inverse, ...last.inverse] as Patches,
      at: step.at,
    }
    return { past: [...history.past.slice(0, -1), merged], future: [] }
  }
  return { past: [...history.past.slice(-LIMIT + 1), step], future: [] }
}

export function takeBack(history: History): [Step, History] | null {
  const step = history.past.at(-1)
  return step
    ? [step, { past: history.past.slice(0, -1), future: [...history.future, { ...step, merge: '' }] }]
    : null
}

export function redoNext(history: History): [Step, History] | null {
  const step = history.future.at(-1)
  return step ? [step, { past: [...history.past, step], future: history.future.slice(0, -1) }] : null
}
