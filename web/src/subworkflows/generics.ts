/**
 * The types of nodes that pass on what flows in: all sockets of a node with one type variable carry one type. The same
 * rules as the engine's, on the data of the catalogue; `tests/cases/type-flow.json` holds both together.
 */
import type { InputType, NodeType } from '../api/types'
import { canFeed, type Fit } from '../catalogue/compatibility'
import type { Converts } from '../catalogue/conversions'
import { type DocNode, isReference } from '../document/types'

/** What an output gives, once it is known what flows in. */
export interface Carried {
  type: string
  /** A stream: one item after the other. */
  each: boolean
  isList: boolean
  /** Where the type is open: the socket outside that decides it, or widens it, as `node.T`. */
  open?: string
}

/** What a type variable stands for, and the input that said so. */
export interface Bound extends Pick<Carried, 'type' | 'isList' | 'open'> {
  by: string
}

/** Two inputs of one type variable that get what does not fit each other. */
export interface Clash {
  input: string
  other: string
  expected: Pick<Carried, 'type' | 'isList'>
  got: Pick<Carried, 'type' | 'isList'>
}

export interface Binding {
  /** By the name of the type variable. */
  variables: ReadonlyMap<string, Bound>
  clashes: readonly Clash[]
}

/** By the name of the input. */
export type Arriving = ReadonlyMap<string, Carried>

/** What the type variables of a node stand for, by what feeds it and by the values that are written there. */
export function bind(node: DocNode, type: NodeType, arriving: Arriving, converts: Converts): Binding {
  const variables = new Map<string, Bound>()
  const clashes: Clash[] = []
  for (const input of type.inputs) {
    const given = input.generic ? (arriving.get(input.name) ?? written(node, input)) : undefined
    if (!given || !input.generic) continue
    const { open } = given
    const next: Bound = {
      type: given.type,
      isList: given.isList && !input.collects,
      by: input.name,
      ...(open && { open }),
    }
    const known = variables.get(input.generic)
    if (!known) {
      variables.set(input.generic, next)
      continue
    }
    const joined = joinTypes(known.type, next.type, converts)
    const isOther = known.isList !== next.isList && known.type !== '*' && next.type !== '*'
    if (joined === null || isOther)
      clashes.push({ input: input.name, other: known.by, expected: known, got: next })
    else {
      const opened = known.open ?? next.open
      const wider = joined === known.type ? known : { ...next, type: joined }
      variables.set(input.generic, { ...wider, ...(opened && { open: opened }) })
    }
  }
  return { variables, clashes }
}

/** The type of a value that is written at an input, or that is its default. */
function written({ inputs }: DocNode, { name, default: given }: InputType): Carried | undefined {
  const held = inputs?.[name] ?? given
  const isWrapped = typeof held === 'object' && held !== null && 'value' in held && !isReference(held)
  const type = typeOfValue(isWrapped ? held.value : held)
  return type ? { type, each: false, isList: false } : undefined
}

function typeOfValue(value: unknown): string {
  if (typeof value === 'number') return Number.isInteger(value) ? 'INT' : 'FLOAT'
  return { boolean: 'BOOLEAN', bigint: 'INT', string: 'STRING' }[typeof value as string] ?? ''
}

/** The type that takes what either gives; null when there is none. */
export function joinTypes(one: string, other: string, converts: Converts): string | null {
  if (one === other || other === '*') return one
  if (one === '*') return other
  const ones = one.split(',')
  const others = other.split(',')
  const fits = (types: string[], wide: string[]) =>
    types.every((type) => wide.includes(type)) ||
    types.some((type) => wide.some((member) => converts(member).includes(type)))
  if (fits(ones, others)) return other
  if (fits(others, ones)) return one
  return ones.some((type) => others.includes(type)) ? [...new Set([...ones, ...others])].join() : null
}

/** Whether what arrives at an input fits, once it is known what the variables of the node stand for. */
export function fitIn(
  { variables }: Binding,
  input: Pick<InputType, 'type' | 'accepts' | 'collects' | 'generic'>,
  { type, each, isList }: Carried,
  converts: Converts,
): Fit {
  const bound = input.generic ? variables.get(input.generic) : undefined
  const output = { type, each, is_list: isList }
  if (!bound || bound.isList) return canFeed(output, input)
  const names = bound.type.split(',')
  return canFeed(output, { ...input, type: bound.type, accepts: [...names, ...names.flatMap(converts)] })
}
