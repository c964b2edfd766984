/**
 * Nodes into a sub-workflow, and an instance back into nodes. Both are worked out on the plain document first, so that
 * a refusal changes nothing, and are then written as one step. One undoes the other.
 */
import { freeId } from './edits'
import { downstream, linksInto } from './links'
import { eachReader } from './ports'
import { type BodyInputs, freeName, freeSubId, isSub, subIdOf, typeOfSubId, usesOf } from './subworkflows'
import {
  type Body,
  type Doc,
  type DocNode,
  isReference,
  type NodeId,
  type Point,
  type SocketRef,
  type Sub,
  type SubId,
} from './types'

export interface Refusal {
  reason: 'nothing' | 'circle'
  /** The node outside that would feed and be fed by the sub-workflow. */
  through?: NodeId
}

export interface Gathered {
  sub: Sub
  instance: DocNode
  chosen: readonly NodeId[]
  /** By which output of the instance an output inside is read from now on. */
  outputs: ReadonlyMap<string, string>
  /** By which input of the instance an input of the enclosing sub-workflow leads inside. */
  inputs: ReadonlyMap<string, string>
}

const keyOf = ([node, socket]: SocketRef) => `${node}\u0000${socket}`

/** The title of an input of a node type. */
export type InputTitle = (type: string, input: string) => string

/** Some nodes as a definition with one instance. `title` of inputs is asked for where two have the same name. */
export function gather(
  body: Body,
  ids: ReadonlySet<NodeId>,
  title: string,
  inputTitle: InputTitle = (_, input) => input,
): Gathered | Refusal {
  const chosen = body.order.filter((id) => ids.has(id))
  if (!chosen.length) return { reason: 'nothing' }
  const through = circleThrough(body, chosen)
  if (through) return { reason: 'circle', through }

  const sub: Sub = { title, inputs: [], outputs: [], nodes: {}, order: chosen, rest: {} }
  const given: NonNullable<DocNode['inputs']> = {}
  const bySource = new Map<string, string>()
  const lead = (key: string, [node, input]: SocketRef): string => {
    let name = bySource.get(key)
    const known = sub.inputs.find((one) => one.name === name)
    if (known) known.to.push([node, input])
    else {
      name = freeName(
        input,
        sub.inputs.map((one) => one.name),
      )
      const words = inputTitle(body.nodes[node]?.type ?? '', input)
      const number = name.slice(input.length + 1)
      sub.inputs.push({ name, ...(number && { title: `${words} ${number}` }), to: [[node, input]] })
      bySource.set(key, name)
    }
    return name as string
  }

  for (const id of chosen) {
    const { inputs, ...node } = body.nodes[id] as DocNode
    const kept = Object.entries(inputs ?? {}).filter(([input, value]) => {
      if (!isReference(value) || ids.has(value.from[0])) return true
      given[lead(keyOf(value.from), [id, input])] = { from: [...value.from] }
      return false
    })
    sub.nodes[id] = { ...node, ...(inputs && { inputs: Object.fromEntries(kept) }) }
  }

  const outer = new Map<string, string>()
  if (isSub(body)) {
    for (const input of body.inputs)
      for (const target of input.to)
        if (ids.has(target[0])) outer.set(input.name, lead(`\u0000${input.name}`, target))
  }

  const outputs = new Map<string, string>()
  const read = (from: SocketRef) => {
    if (!ids.has(from[0]) || outputs.has(keyOf(from))) return
    const name = freeName(
      from[1],
      sub.outputs.map((one) => one.name),
    )
    sub.outputs.push({ name, from: [...from] })
    outputs.set(keyOf(from), name)
  }
  for (const id of body.order)
    if (!ids.has(id)) for (const link of linksInto(body, id)) read([link.from, link.output])
  if (isSub(body)) for (const output of body.outputs) read(output.from)

  const instance: DocNode = { type: '', position: centre(body, chosen), inputs: given }
  return { sub, instance, chosen, outputs, inputs: outer }
}

/** A node outside that is fed by the chosen ones and feeds them. */
function circleThrough(body: Body, chosen: readonly NodeId[]): NodeId | undefined {
  const fed = downstream(body, chosen)
  for (const id of chosen) fed.delete(id)
  for (const id of chosen) for (const link of linksInto(body, id)) if (fed.has(link.from)) return link.from
  return undefined
}

function centre(body: Body, ids: readonly NodeId[]): Point {
  const places = ids.flatMap((id) => body.nodes[id]?.position ?? [])
  const middle = (values: number[]) =>
    values.length ? Math.round((Math.min(...values) + Math.max(...values)) / 2) : 0
  return [middle(places.filter((_, at) => at % 2 === 0)), middle(places.filter((_, at) => at % 2 === 1))]
}

/** Writes what was gathered into a draft. Returns the instance. */
export function replaceByInstance(doc: Doc, body: Body, gathered: Gathered): { node: NodeId; sub: SubId } {
  const { sub, instance, chosen, outputs, inputs } = gathered
  const subId = freeSubId(doc, sub.title ?? '')
  const node = freeId(body)
  for (const id of chosen) delete body.nodes[id]
  const gone = new Set(chosen)
  body.order = body.order.filter((id) => !gone.has(id))
  for (const [key, name] of outputs) {
    const [from, output] = key.split('\u0000') as [string, string]
    eachReader(body, from, output, (values, input) => {
      values[input] = { from: [node, name] }
    })
  }
  if (isSub(body)) {
    for (const input of body.inputs) {
      const name = inputs.get(input.name)
      if (name === undefined) continue
      input.to = [...input.to.filter(([target]) => !gone.has(target)), [node, name]]
    }
    for (const output of body.outputs) {
      const name = outputs.get(keyOf(output.from))
      if (name !== undefined) output.from = [node, name]
    }
  }
  doc.subs[subId] = sub
  body.nodes[node] = { ...instance, type: typeOfSubId(subId) }
  body.order.push(node)
  return { node, sub: subId }
}

/** Put the nodes of an instance in its place. The definition goes when nothing else uses it. Returns the new nodes. */
export function takeApart(
  doc: Doc,
  body: Body,
  instanceId: NodeId,
  plain: { instance: DocNode; sub: Sub },
  bodyInputs?: BodyInputs,
): NodeId[] {
  const { instance, sub } = structuredClone(plain) // a draft cannot be copied
  const subId = subIdOf(instance.type)
  if (!body.nodes[instanceId] || subId === null) return []
  const from = centre(sub, sub.order)
  const at = instance.position ?? from
  const [dx, dy] = [at[0] - from[0], at[1] - from[1]]

  const ids = new Map<NodeId, NodeId>()
  let next = Number(freeId({ nodes: { ...body.nodes, ...sub.nodes } }))
  for (const id of sub.order) ids.set(id, id !== instanceId && body.nodes[id] ? String(next++) : id)
  const moved = (id: NodeId) => ids.get(id) ?? id

  const fresh = sub.order.map((id): [NodeId, DocNode] => {
    const node = sub.nodes[id] as DocNode
    if (node.position) node.position = [node.position[0] + dx, node.position[1] + dy]
    if (instance.mode) node.mode = instance.mode
    for (const [input, value] of Object.entries(node.inputs ?? {}))
      if (isReference(value) && node.inputs)
        node.inputs[input] = { from: [moved(value.from[0]), value.from[1]] }
    return [moved(id), node]
  })
  const nodes = new Map(fresh)
  for (const input of sub.inputs) {
    const value = instance.inputs?.[input.name]
    for (const [target, socket] of input.to) {
      const node = nodes.get(moved(target))
      if (!node) continue
      if (value !== undefined) node.inputs = { ...node.inputs, [socket]: structuredClone(value) }
      const control = instance.seeds?.[input.name]
      if (control) node.seeds = { ...node.seeds, [socket]: control }
    }
  }

  delete body.nodes[instanceId]
  body.order = body.order.filter((id) => id !== instanceId)
  const given = new Map(sub.outputs.map((output) => [output.name, output.from]))
  for (const [name, [node, output]] of given) {
    eachReader(body, instanceId, name, (values, input) => {
      values[input] = { from: [moved(node), output] }
    })
  }
  if (isSub(body)) {
    for (const input of body.inputs) {
      input.to = input.to.flatMap(([node, name]): SocketRef[] => {
        if (node !== instanceId) return [[node, name]]
        const inner = sub.inputs.find((one) => one.name === name)?.to ?? []
        return inner.map(([target, socket]) => [moved(target), socket])
      })
    }
    for (const output of body.outputs) {
      const source = output.from[0] === instanceId ? given.get(output.from[1]) : undefined
      if (source) output.from = [moved(source[0]), source[1]]
    }
  }
  for (const [id, node] of nodes) {
    body.nodes[id] = node
    body.order.push(id)
  }
  moveBoxes(body, sub, dx, dy)
  if (!usesOf(doc, subId, bodyInputs)) delete doc.subs[subId]
  return [...nodes.keys()]
}

/** Groups and notes come along. */
function moveBoxes(body: Body, sub: Sub, dx: number, dy: number): void {
  for (const key of ['groups', 'notes']) {
    const boxes = sub.rest[key]
    if (!Array.isArray(boxes) || !boxes.length) continue
    const moved = boxes.map((box: { position?: unknown }) =>
      Array.isArray(box?.position)
        ? { ...box, position: [Number(box.position[0]) + dx, Number(box.position[1]) + dy] }
        : box,
    )
    const here = body.rest[key]
    body.rest[key] = [...(Array.isArray(here) ? here : []), ...moved]
  }
}
