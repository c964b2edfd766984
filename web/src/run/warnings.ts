/** The warnings of the shown run, in words, by node; those of inner nodes belong to the outer node, too. */
import type { NodeWarning } from '../api/types'
import type { RunStates } from './states'

export interface Warned {
  /** The whole path of the node that warned. */
  path: string
  words: string
}

type Known = Pick<RunStates, 'nodes' | 'warned'>

const isAt = (path: string, at: string) => path === at || path.startsWith(`${at}/`)

/** How many different things a node warned of, and those inside it. */
export const warningCount = (states: Known, at: string): number =>
  states.warned.reduce((sum, path) => (isAt(path, at) ? sum + countOf(states, path) : sum), 0)

/** How many there are in the whole run. */
export const allWarnings = (states: Known): number =>
  states.warned.reduce((sum, path) => sum + countOf(states, path), 0)

function countOf({ nodes }: Known, path: string): number {
  const node = nodes[path]
  return (node?.warnings?.length ?? 0) + (node?.more_warnings ?? 0)
}

/** Each of them; `at` is a node, or nothing for the whole run. */
export const warningsOf = (states: Known, at?: string): Warned[] =>
  states.warned
    .filter((path) => at === undefined || isAt(path, at))
    .flatMap((path) => {
      const { warnings = [], more_warnings: more } = states.nodes[path] ?? {}
      const listed = warnings.map((warning) => ({ path, words: inWords(warning) }))
      return more ? [...listed, { path, words: `and ${more} more` }] : listed
    })

function inWords({ message, item, times = 1 }: NodeWarning): string {
  if (!item?.length) return message
  return `Item ${item.join('.')}${times > 1 ? ` and ${times - 1} more` : ''}: ${message}`
}
