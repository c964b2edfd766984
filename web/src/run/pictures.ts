/**
 * The newest pictures that each node made, by its whole path; those of a stream in the order of its items, whichever
 * was done first. Bounded, however many items a stream has and however often a loop goes round.
 */
import type { Artifact } from '../api/types'

export interface Pictures {
  pictures: Readonly<Record<string, readonly Artifact[]>>
  /** Which run the pictures of a node came from. */
  makers: Readonly<Record<string, string>>
  /** The node that made pictures last. */
  lastMaker: string | null
  /** The picture that came last. */
  newest: Artifact | null
}

export const NO_PICTURES: Pictures = { pictures: {}, makers: {}, lastMaker: null, newest: null }

/** What one event brought. `how`: all that a node made, or what an item of a stream did, the first one or a further one. */
export interface Brought {
  node: string
  artifacts: readonly Artifact[]
  how: 'all' | 'first' | 'next'
}

const OF_A_STREAM = 60
/** What a node shows at once; the server holds as many. A loop shows all of its turns at its end. */
const AT_ONCE = 100
const INNER_NODES = 1_000

function compareItems(one: readonly number[] = [], other: readonly number[] = []): number {
  for (let at = 0; at < one.length || at < other.length; at++) {
    const step = (one[at] ?? -1) - (other[at] ?? -1)
    if (step) return step
  }
  return 0
}

/** Pictures of a stream in the order of its items; any others stay as they are. */
export const inOrder = (artifacts: readonly Artifact[]): Artifact[] =>
  [...artifacts].sort((one, other) => compareItems(one.item, other.item))

/** Whether a file that a node made can be looked at; others, such as a LoRA, are named on their node. */
export const isPicture = ({ media }: Artifact): boolean => media.startsWith('image/')

/** Which of the pictures of a node speaks for all: of a stream the last one. */
export const foremost = (artifacts: readonly Artifact[]): Artifact | null =>
  (artifacts[0]?.item ? artifacts.at(-1) : artifacts[0]) ?? null

/** Take in what some events of a run brought, but not over what a later run made. */
export function takePictures(
  before: Pictures,
  run: string,
  brought: readonly Brought[],
  isLater: (run: string) => boolean,
): Pictures {
  let { lastMaker, newest } = before
  const pictures = { ...before.pictures }
  const makers = { ...before.makers }
  const inside = new Map<string, string[]>()
  for (const path of Object.keys(pictures)) noteInside(inside, path)
  for (const { node, artifacts, how } of brought) {
    const maker = makers[node]
    if (maker !== undefined && maker !== run && isLater(maker)) continue
    pictures[node] =
      how === 'all'
        ? artifacts.slice(-AT_ONCE)
        : inOrder([...(how === 'next' ? (pictures[node] ?? []) : []), ...artifacts]).slice(-OF_A_STREAM)
    for (const inner of inside.get(node) ?? []) {
      delete pictures[inner] // what ran in the node's place made these; from now on they are the node's
      delete makers[inner]
    }
    inside.delete(node)
    noteInside(inside, node)
    makers[node] = run
    if (!artifacts.some(isPicture)) continue
    lastMaker = node
    newest = foremost(how === 'all' ? pictures[node] : artifacts)
  }
  forgetInner(pictures, makers)
  return { pictures, makers, lastMaker, newest }
}

/** Note a node under all that it lies inside of. */
function noteInside(inside: Map<string, string[]>, path: string): void {
  for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) {
    const around = path.slice(0, at)
    const known = inside.get(around)
    if (known) known.push(path)
    else inside.set(around, [path])
  }
}

/** Nodes inside others are many where a loop goes round: those that made something first are let go. */
function forgetInner(pictures: Record<string, unknown>, makers: Record<string, unknown>): void {
  const inner = Object.keys(pictures).filter((path) => path.includes('/'))
  for (const path of inner.slice(0, Math.max(0, inner.length - INNER_NODES))) {
    delete pictures[path]
    delete makers[path]
  }
}
