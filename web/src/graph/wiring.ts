/** Drawing wires: whether two sockets may be joined, and doing it. A refusal always has a reason. */
import type { InputType, NodeType } from '../api/types'
import { type LooseEnd, toast } from '../app/ui'
import { canFeed, type Fit } from '../defs/fit'
import { defsStore } from '../defs/store'
import { addNode, connect } from '../doc/edits'
import { isUpstream } from '../doc/links'
import { docStore } from '../doc/store'
import type { DocNode, NodeId, Point } from '../doc/types'
import { dyeOfType } from './colours'
import { flowStore, titleOf } from './flow'
import { HEADER, WIDTH } from './geometry'

const no = (reason: string): Fit => ({ ok: false, reason })

export const typeOf = (id: NodeId): NodeType | undefined =>
  defsStore.getState().types.get(docStore.getState().doc.nodes[id]?.type ?? '')

function inputOf(id: NodeId, name: string): Pick<InputType, 'type' | 'accepts'> {
  return typeOf(id)?.inputs.find((input) => input.name === name) ?? { type: '*', accepts: ['*'] }
}

function outputType(id: NodeId, name: string): string {
  return typeOf(id)?.outputs.find((output) => output.name === name)?.type ?? '*'
}

export function titleOfNode(id: NodeId): string {
  const node = docStore.getState().doc.nodes[id]
  return node ? titleOf(node, typeOf(id)) : id
}

/** The type that a loose end carries or wants. */
export const typeOfEnd = (end: LooseEnd) =>
  end.side === 'output' ? outputType(end.node, end.socket) : inputOf(end.node, end.socket).type

export const dyeOfEnd = (end: LooseEnd) => dyeOfType(typeOfEnd(end))

/** May these two ends be joined? */
export function mayJoin(one: LooseEnd, other: LooseEnd): Fit {
  if (one.side === other.side) {
    return no(
      one.side === 'output'
        ? 'Both ends are outputs: end the wire at an input, on the left of a node.'
        : 'Both ends are inputs: end the wire at an output, on the right of a node.',
    )
  }
  const [from, to] = one.side === 'output' ? [one, other] : [other, one]
  if (from.node === to.node) return no('A node cannot feed itself.')
  const fits = canFeed(outputType(from.node, from.socket), inputOf(to.node, to.socket))
  if (!fits.ok) return fits
  if (isUpstream(docStore.getState().doc, from.node, to.node)) {
    return no(`This would close a loop: “${titleOfNode(from.node)}” already needs “${titleOfNode(to.node)}”.`)
  }
  return fits
}

/** Join two ends, or say why not. */
export function join(one: LooseEnd, other: LooseEnd): boolean {
  const fits = mayJoin(one, other)
  if (!fits.ok) {
    toast('These two do not fit', { detail: fits.reason, tone: 'bad' })
    return false
  }
  const [from, to] = one.side === 'output' ? [one, other] : [other, one]
  docStore.commit('Connect', (doc) => connect(doc, from.node, from.socket, to.node, to.socket))
  return true
}

/** The socket of a node that takes a loose end: a free one if there is one. */
export function socketFor(end: LooseEnd, id: NodeId): LooseEnd | null {
  const shape = flowStore.getState().shapes.get(id)
  const inputs = docStore.getState().doc.nodes[id]?.inputs ?? {}
  const side = end.side === 'output' ? 'input' : 'output'
  const sockets = (side === 'input' ? shape?.inputs : shape?.outputs) ?? []
  const fitting = sockets
    .map((socket): LooseEnd => ({ node: id, socket: socket.name, side }))
    .filter((candidate) => mayJoin(end, candidate).ok)
  const exact = fitting.filter((candidate) => typeOfEnd(candidate) === typeOfEnd(end))
  const free = (candidates: LooseEnd[]) =>
    candidates.find((at) => side === 'output' || inputs[at.socket] === undefined)
  return free(exact) ?? exact[0] ?? free(fitting) ?? fitting[0] ?? null
}

/** Whether a new node of this type could take a loose end, and with which socket. */
export function socketOfType(end: LooseEnd, type: NodeType): string | null {
  const carried = typeOfEnd(end)
  if (end.side === 'output') {
    const fitting = type.inputs.filter((input) => canFeed(carried, input).ok)
    const exact = fitting.find((input) => input.type === carried)
    return (exact ?? fitting.find((input) => !input.widget) ?? fitting[0])?.name ?? null
  }
  const wanted = inputOf(end.node, end.socket)
  const fitting = type.outputs.filter((output) => canFeed(output.type, wanted).ok)
  return (fitting.find((output) => output.type === carried) ?? fitting[0])?.name ?? null
}

/** A new node as it stands in a document: seeds are drawn anew for each run at first. */
export function newNode(type: NodeType, position: Point): DocNode {
  const seeds = type.inputs.filter((input) => input.widget?.kind === 'seed' && input.name !== 'value')
  return {
    type: type.id,
    position: [Math.round(position[0]), Math.round(position[1])],
    ...(seeds.length && {
      seeds: Object.fromEntries(seeds.map((input) => [input.name, 'randomize' as const])),
    }),
  }
}

/** Add a node, joined to the loose end that asked for it, as one step. */
export function addNodeFor(type: NodeType, at: Point, end: LooseEnd | null): NodeId {
  const socket = end ? socketOfType(end, type) : null
  const position: Point = end ? [end.side === 'output' ? at[0] : at[0] - WIDTH, at[1] - HEADER - 20] : at
  let id = ''
  docStore.commit(`Add ${type.title}`, (doc) => {
    id = addNode(doc, newNode(type, position))
    if (!end || !socket) return
    if (end.side === 'output') connect(doc, end.node, end.socket, id, socket)
    else connect(doc, id, socket, end.node, end.socket)
  })
  return id
}
