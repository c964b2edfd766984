/** Drawing wires: whether two sockets may be joined, and doing it. A refusal always has a reason. */
import type { InputType, NodeType } from '../api/types'
import { canFeed, type Fit, type Gives, socketInWords } from '../catalogue/compatibility'
import { addNode, connect, disconnect } from '../document/edits'
import { isUpstream } from '../document/links'
import { feedFromInput, giveOutput, removeSubOutput, unfeed } from '../document/ports'
import { isSub } from '../document/subworkflows'
import { type Body, type Doc, type DocNode, isReference, type NodeId, type Point } from '../document/types'
import type { Editor } from '../editor/editor'
import { dyeOfType } from '../scene/colours'
import { edgeEnd } from '../scene/flowEdges'
import { INPUTS, isPanel, OUTPUTS, titleOf } from '../scene/flowNodes'
import { NEW_PORT } from '../scene/geometry'
import { HEADER, PORTS_WIDTH, WIDTH } from '../scene/sizes'
import type { WireEnd } from '../state/ui'
import { bind, type Carried, fitIn } from '../subworkflows/generics'
import { isSubType } from '../subworkflows/instanceTypes'

const no = (reason: string): Fit => ({ ok: false, reason })
const ANYTHING = { type: '*', accepts: ['*'] }

type Takes = Pick<InputType, 'type' | 'accepts' | 'collects' | 'generic'>

/** The type of the sub-workflow that is open. */
const openType = (editor: Editor): NodeType | undefined =>
  editor.types.typeFor(`@${editor.doc.getState().path.at(-1)?.sub}`)

function inputOf(editor: Editor, id: NodeId, name: string): Takes {
  if (isPanel(id)) return ANYTHING
  return editor.types.typeOf(id)?.inputs.find((input) => input.name === name) ?? ANYTHING
}

function outputOf(editor: Editor, id: NodeId, name: string): Gives {
  if (isPanel(id)) return { type: openType(editor)?.inputs.find((input) => input.name === name)?.type ?? '*' }
  const { type, each, isList } = editor.flow.carriedBy(id, name)
  return { type, each, is_list: isList }
}

export function titleOfNode(editor: Editor, id: NodeId): string {
  if (isPanel(id)) return id === INPUTS ? 'the inputs' : 'the outputs'
  const node = editor.doc.getState().body.nodes[id]
  return node ? titleOf(node, editor.types.typeOf(id)) : id
}

/** The type that a loose end carries or wants. */
export const typeOfEnd = (editor: Editor, end: WireEnd) =>
  end.side === 'output'
    ? outputOf(editor, end.node, end.socket).type
    : inputOf(editor, end.node, end.socket).type

export const dyeOfEnd = (editor: Editor, end: WireEnd) => dyeOfType(typeOfEnd(editor, end))

/** May these two ends be joined? */
export function mayJoin(editor: Editor, one: WireEnd, other: WireEnd): Fit {
  if (one.side === other.side) {
    return no(
      one.side === 'output'
        ? 'Both ends are outputs: end the wire at an input, on the left of a node.'
        : 'Both ends are inputs: end the wire at an output, on the right of a node.',
    )
  }
  const [from, to] = one.side === 'output' ? [one, other] : [other, one]
  if (from.node === to.node) return no('A node cannot feed itself.')
  if (from.node === INPUTS && to.node === OUTPUTS)
    return no('An input cannot be an output at once: put a node between, such as Reroute.')
  const given = outputOf(editor, from.node, from.socket)
  const input = inputOf(editor, to.node, to.socket)
  const fits = input.generic ? fitWithOthers(editor, to, given, input) : canFeed(given, input)
  if (!fits.ok) return fits
  if (!isPanel(from.node) && isUpstream(editor.doc.getState().body, from.node, to.node)) {
    return no(
      `This would close a loop: “${titleOfNode(editor, from.node)}” already needs “${titleOfNode(editor, to.node)}”.`,
    )
  }
  return fits
}

/** Whether an input takes a wire beside what the others of its node get that carry the same type. */
function fitWithOthers(editor: Editor, { node: id, socket }: WireEnd, given: Gives, input: Takes): Fit {
  const node = editor.doc.getState().body.nodes[id]
  const type = editor.types.typeOf(id)
  if (!node || !type) return canFeed(given, input)
  const { type: carries, each = false, is_list: isList = false } = given
  const arriving = new Map<string, Carried>()
  for (const { name } of type.inputs) {
    const value = node.inputs?.[name]
    if (isReference(value)) arriving.set(name, editor.flow.carriedBy(...value.from))
  }
  const added: Carried = { type: carries, each, isList }
  const { converts } = editor.types
  const binding = bind(node, type, arriving.set(socket, added), converts)
  const clash = binding.clashes.find((one) => one.input === socket || one.other === socket)
  if (!clash) return fitIn(binding, input, added, converts)
  const other = clash.input === socket ? clash.expected : clash.got
  return no(
    `This wire carries ${socketInWords(added)}, but the node already gets ${socketInWords(other)}: all its wires carry the same.`,
  )
}

/** Lead a wire from an output to an input, in a draft. The panels of a sub-workflow are ends like others. */
export function lead(body: Body, from: WireEnd, to: WireEnd): void {
  const named = (socket: string) => (socket === NEW_PORT ? undefined : socket)
  if (!isSub(body)) connect(body, from.node, from.socket, to.node, to.socket)
  else if (from.node === INPUTS) feedFromInput(body, [to.node, to.socket], named(from.socket))
  else if (to.node === OUTPUTS) giveOutput(body, [from.node, from.socket], named(to.socket))
  else {
    for (const input of body.inputs) unfeed(body, input.name, [to.node, to.socket])
    connect(body, from.node, from.socket, to.node, to.socket)
  }
}

/** Removes a wire from a draft. An output of a sub-workflow goes together with its wire. */
export function cutEdge(editor: Editor, body: Body, doc: Doc, edgeId: string): void {
  const [node, socket, port] = edgeEnd(edgeId)
  const sub = editor.doc.getState().path.at(-1)?.sub
  if (node === OUTPUTS && sub) removeSubOutput(doc, sub, socket)
  else if (port !== undefined && isSub(body)) unfeed(body, port, [node, socket])
  else disconnect(body, node, socket)
}

/** Joins two ends, or shows the reason why not. */
export function join(editor: Editor, one: WireEnd, other: WireEnd): boolean {
  const fits = mayJoin(editor, one, other)
  if (!fits.ok) {
    editor.ui.toast('These two do not fit', { detail: fits.reason, tone: 'bad' })
    return false
  }
  const [from, to] = one.side === 'output' ? [one, other] : [other, one]
  editor.doc.commit('Connect', (body) => lead(body, from, to))
  if (fits.stream === 'each' && !isPanel(to.node))
    editor.ui.toast(`“${titleOfNode(editor, to.node)}” now runs once for each item`, {
      detail: 'The wire carries a stream: one item after the other.',
    })
  return true
}

/** The socket of a node that takes a loose end: a free one if there is one. */
export function socketFor(editor: Editor, end: WireEnd, id: NodeId): WireEnd | null {
  const side = end.side === 'output' ? 'input' : 'output'
  if (isPanel(id))
    return (id === INPUTS) === (side === 'output') ? { node: id, socket: NEW_PORT, side } : null
  const shape = editor.flow.getState().shapes.get(id)
  const inputs = editor.doc.getState().body.nodes[id]?.inputs ?? {}
  const sockets = (side === 'input' ? shape?.inputs : shape?.outputs) ?? []
  const fitting = sockets
    .map((socket): WireEnd => ({ node: id, socket: socket.name, side }))
    .filter((candidate) => mayJoin(editor, end, candidate).ok)
  const exact = fitting.filter((candidate) => typeOfEnd(editor, candidate) === typeOfEnd(editor, end))
  const free = (candidates: WireEnd[]) =>
    candidates.find((at) => side === 'output' || inputs[at.socket] === undefined)
  return free(exact) ?? exact[0] ?? free(fitting) ?? fitting[0] ?? null
}

/** Whether a new node of this type could take a loose end, and with which socket. */
export function socketOfType(editor: Editor, end: WireEnd, type: NodeType): string | null {
  const carried = typeOfEnd(editor, end)
  if (end.side === 'output') {
    const given = outputOf(editor, end.node, end.socket)
    const fitting = type.inputs.filter((input) => canFeed(given, input).ok)
    const exact = fitting.find((input) => input.type === carried)
    return (exact ?? fitting.find((input) => !input.widget) ?? fitting[0])?.name ?? null
  }
  const wanted = inputOf(editor, end.node, end.socket)
  const fitting = type.outputs.filter((output) => canFeed(output, wanted).ok)
  return (fitting.find((output) => output.type === carried) ?? fitting[0])?.name ?? null
}

/** A new node as it stands in a document: seeds are drawn anew for each run at first. */
export function newNode(type: NodeType, position: Point): DocNode {
  const seeds = isSubType(type)
    ? []
    : type.inputs.filter((input) => input.widget?.kind === 'seed' && input.name !== 'value')
  return {
    type: type.id,
    position: [Math.round(position[0]), Math.round(position[1])],
    ...(seeds.length && {
      seeds: Object.fromEntries(seeds.map((input) => [input.name, 'randomize' as const])),
    }),
  }
}

/** Add a node, joined to the loose end that asked for it, as one step. */
export function addNodeFor(editor: Editor, type: NodeType, at: Point, end: WireEnd | null): NodeId {
  const socket = end ? socketOfType(editor, end, type) : null
  const width = end && isPanel(end.node) ? PORTS_WIDTH : WIDTH
  const position: Point = end ? [end.side === 'output' ? at[0] : at[0] - width, at[1] - HEADER - 20] : at
  let id = ''
  editor.doc.commit(`Add ${type.title}`, (body) => {
    id = addNode(body, newNode(type, position))
    if (!end || !socket) return
    if (end.side === 'output') lead(body, end, { node: id, socket, side: 'input' })
    else lead(body, { node: id, socket, side: 'output' }, end)
  })
  return id
}
