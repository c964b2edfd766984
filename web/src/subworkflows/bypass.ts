/**
 * What a bypassed node hands on: for each output, one of its connected inputs. It is that of the same place if its type
 * fits, else the first of exactly that type, else the first that fits. `tests/cases/type-flow.json` holds the engine to it.
 */
import type { NodeType } from '../api/types'
import { canFeed } from '../catalogue/compatibility'
import type { Converts } from '../catalogue/conversions'
import { subIdOf } from '../document/subworkflows'
import { type DocNode, isReference, type SocketRef } from '../document/types'

/** Where an output of a bypassed node gets its value from; null when nothing fits it and what reads it. */
export function bypassSource(
  node: DocNode,
  type: NodeType,
  output: string,
  converts: Converts,
  reader = '*',
): SocketRef | null {
  const place = type.outputs.findIndex((one) => one.name === output)
  const given = type.outputs[place]
  if (!given) return null
  const fits = (from: string, into: string) =>
    canFeed({ type: from }, { type: into, accepts: into.split(',').flatMap(converts) }).ok
  // variables are those of one node: of a sub-workflow, an open type is any type
  const variable = (generic = '') => (subIdOf(type.id) === null ? generic : '')
  const fitting = type.inputs.flatMap((input, at) => {
    const value = node.inputs?.[input.name]
    const isFit =
      variable(input.generic) === variable(given.generic) &&
      fits(input.type, given.type) &&
      fits(input.type, reader)
    return isReference(value) && isFit ? [{ at, type: input.type, from: value.from }] : []
  })
  const chosen =
    fitting.find(({ at }) => at === place) ?? fitting.find((one) => one.type === given.type) ?? fitting[0]
  return chosen?.from ?? null
}
