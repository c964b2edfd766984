/**
 * What outputs carry: types flow through nodes that pass on whatever they get (Reroute, Switch), and below a stream
 * everything comes item by item. Worked out by need, without recursion: a row of ten thousand Reroutes is no problem.
 */
import type { NodeType } from '../api/types'
import { type Body, type DocNode, isReference, type NodeId } from '../document/types'

export type Lookup = (type: string) => NodeType | undefined

export interface Carried {
  type: string
  /** A stream: one item after the other. */
  each: boolean
  isList: boolean
  /** Where the type is open: the socket outside that decides it, as `node.T`. */
  open?: string
}

interface Resolved {
  /** By the name of a type variable: the type that flows in, or what decides it. */
  variables: Record<string, Pick<Carried, 'type' | 'isList' | 'open'>>
  stream: boolean
}

export type Carrier = (node: NodeId, output: string) => Carried

const widens = (known: string, given: string) => known === 'INT' && given === 'FLOAT'

const ANYTHING: Carried = { type: '*', each: false, isList: false }

export function carrierOf(body: Body, lookup: Lookup): Carrier {
  const done = new Map<NodeId, Resolved>()
  let streams: boolean | undefined
  const typeOf = (id: NodeId) => lookup(body.nodes[id]?.type ?? '')

  /** The inputs whose source decides what the node gives. */
  function deciding(node: DocNode, type: NodeType | undefined): [string, NodeId, string][] {
    streams ??= Object.values(body.nodes).some((one) => lookup(one.type)?.outputs.some((out) => out.each))
    if (!type || (!streams && !type.inputs.some((input) => input.generic))) return []
    return type.inputs.flatMap((input): [string, NodeId, string][] => {
      const value = node.inputs?.[input.name]
      return isReference(value) && (streams || input.generic) ? [[input.name, ...value.from]] : []
    })
  }

  function carried(id: NodeId, output: string): Carried {
    const found = typeOf(id)?.outputs.find((one) => one.name === output)
    const resolved = done.get(id)
    if (!found) return ANYTHING
    const flows = found.generic ? resolved?.variables[found.generic] : undefined
    const open = found.generic && !flows ? `${id}.${found.generic}` : flows?.open
    return {
      type: flows?.type ?? found.type,
      each: Boolean(found.each || resolved?.stream),
      isList: Boolean(found.is_list || flows?.isList),
      ...(open && { open }),
    }
  }

  function settle(id: NodeId, sources: [string, NodeId, string][]): void {
    const type = typeOf(id)
    const resolved: Resolved = { variables: {}, stream: false }
    for (const [name, from, output] of sources) {
      const input = type?.inputs.find((one) => one.name === name)
      const given = carried(from, output)
      // collecting ends a stream, but for one whose items are lists: they go through as they are
      if (given.each && (!input?.collects || given.isList)) resolved.stream = true
      if (!input?.generic) continue
      const known = resolved.variables[input.generic]
      // of INT and FLOAT it is FLOAT: the type that takes both
      if (!known || known.type === '*' || widens(known.type, given.type))
        resolved.variables[input.generic] = { ...given, isList: given.isList && !input.collects }
    }
    done.set(id, resolved)
  }

  function resolve(start: NodeId): void {
    const pending = [start]
    const under = new Set<NodeId>()
    while (pending.length) {
      const id = pending.at(-1) as NodeId
      const node = body.nodes[id]
      const sources = done.has(id) || !node ? [] : deciding(node, typeOf(id))
      const open = under.has(id) ? [] : sources.filter(([, from]) => !done.has(from) && !under.has(from))
      under.add(id)
      if (open.length) pending.push(...open.map(([, from]) => from))
      else {
        if (!done.has(id)) settle(id, sources)
        pending.pop()
      }
    }
  }

  return (node, output) => {
    if (!done.has(node)) resolve(node)
    return carried(node, output)
  }
}
