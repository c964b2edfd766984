/**
 * What outputs carry: types flow through nodes that pass on whatever they get (Reroute, Switch), and below a stream
 * everything comes item by item; a bypassed node hands on what it gets. Worked out by need, without recursion: a row of
 * ten thousand Reroutes is no problem.
 */
import type { NodeType, OutputType } from '../api/types'
import type { Converts } from '../catalogue/conversions'
import { isSub } from '../document/subworkflows'
import { type Body, type DocNode, isReference, type NodeId } from '../document/types'
import { bypassSource } from './bypass'
import { type Bound, bind, type Carried, joinTypes } from './generics'

export type Lookup = (type: string) => NodeType | undefined

interface Resolved {
  /** By the name of a type variable: the type that flows in, or what decides it. */
  variables: ReadonlyMap<string, Bound>
  stream: boolean
  /** Of a bypassed node: by output, what it hands on. */
  handsOn: ReadonlyMap<string, Carried>
}

export type Carrier = (node: NodeId, output: string) => Carried

const ANYTHING: Carried = { type: '*', each: false, isList: false }

export function carrierOf(body: Body, lookup: Lookup, converts: Converts): Carrier {
  const done = new Map<NodeId, Resolved>()
  const fed = new Set(
    isSub(body) ? body.inputs.flatMap(({ to }) => to.map(([id, name]) => `${id} ${name}`)) : [],
  )
  let streams: boolean | undefined
  const typeOf = (id: NodeId) => lookup(body.nodes[id]?.type ?? '')

  /** The inputs whose source decides what the node gives; of a bypassed node the outputs, with what they hand on. */
  function deciding(node: DocNode, type: NodeType | undefined): [string, NodeId, string][] {
    if (type && node.mode === 'bypassed')
      return type.outputs.flatMap(({ name }): [string, NodeId, string][] => {
        const source = bypassSource(node, type, name, converts)
        return source ? [[name, ...source]] : []
      })
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
    const handedOn = resolved?.handsOn.get(output)
    if (handedOn) return handedOn
    const flows = found.generic ? resolved?.variables.get(found.generic) : undefined
    const open = found.generic && !flows ? `${id}.${found.generic}` : flows?.open
    return {
      type: flows ? flowing(found, flows) : found.type,
      each: Boolean(found.each || resolved?.stream),
      isList: Boolean(found.is_list || flows?.isList),
      ...(open && { open }),
    }
  }

  /** Of a list of lists it is not told what these hold. What is known of an output of a sub-workflow may be widened. */
  function flowing(found: OutputType, flows: Bound): string {
    return flows.isList && found.is_list ? '*' : (joinTypes(found.type, flows.type, converts) ?? flows.type)
  }

  function settle(id: NodeId, sources: [string, NodeId, string][]): void {
    const node = body.nodes[id]
    const type = typeOf(id)
    const given = new Map(sources.map(([name, ...from]) => [name, carried(...from)]))
    if (!node || !type || node.mode === 'bypassed') {
      done.set(id, { variables: new Map(), stream: false, handsOn: given })
      return
    }
    // collecting ends a stream, but for one whose items are lists: they go through as they are
    const stream = type.inputs.some(({ name, collects }) => {
      const arriving = given.get(name)
      return arriving?.each && (!collects || arriving.isList)
    })
    // whoever uses a sub-workflow may replace what stands at these
    for (const { name, generic } of type.inputs) {
      if (generic && fed.has(`${id} ${name}`)) given.set(name, { ...ANYTHING, open: `${id}.${generic}` })
    }
    done.set(id, { variables: bind(node, type, given, converts).variables, stream, handsOn: new Map() })
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
