/** Which types an input converts besides its own: a matter of its type, so told by all inputs of that type together. */
import type { NodeType } from '../api/types'

/** The types that inputs of a type convert. */
export type Converts = (type: string) => readonly string[]

const NONE: readonly string[] = []

export function conversionsOf(types: Iterable<NodeType>): Converts {
  const found = new Map<string, Set<string>>()
  for (const { inputs } of types) {
    for (const { type, accepts, generic } of inputs) {
      if (generic || type.includes(',')) continue
      const known = found.get(type) ?? new Set()
      for (const other of accepts) if (other !== type) known.add(other)
      found.set(type, known)
    }
  }
  const lists = new Map([...found].map(([type, others]) => [type, [...others]]))
  return (type) => lists.get(type) ?? NONE
}
