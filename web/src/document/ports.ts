/** The edits of the inputs and outputs of a sub-workflow, which reach all who use it. */
import { removeNodes } from './edits'
import { bodiesOf, bodyAt, freeName, isSub, type Path, typeOfSubId } from './subworkflows'
import {
  type Body,
  type Doc,
  type DocNode,
  isReference,
  type NodeId,
  type SocketRef,
  type Sub,
  type SubId,
} from './types'

function* instancesOf(doc: Doc, id: SubId): Generator<[Body, NodeId, DocNode]> {
  for (const body of bodiesOf(doc))
    for (const [nodeId, node] of Object.entries(body.nodes))
      if (node.type === typeOfSubId(id)) yield [body, nodeId, node]
}

const isAt = (one: SocketRef, [node, socket]: SocketRef) => one[0] === node && one[1] === socket

/** Let go of what feeds an inner input: a wire, or another input of the sub-workflow. */
function release(sub: Sub, target: SocketRef): void {
  const inputs = sub.nodes[target[0]]?.inputs
  if (inputs && isReference(inputs[target[1]])) delete inputs[target[1]]
  for (const input of sub.inputs)
    if (input.to.some((one) => isAt(one, target))) input.to = input.to.filter((one) => !isAt(one, target))
}

/** Lead an input of the sub-workflow to an inner input; a new one when no name is given. Returns its name. */
export function feedFromInput(sub: Sub, target: SocketRef, name?: string): string {
  release(sub, target)
  const known = sub.inputs.find((input) => input.name === name)
  if (known) known.to.push([...target])
  else {
    name = freeName(
      target[1],
      sub.inputs.map((input) => input.name),
    )
    sub.inputs.push({ name, to: [[...target]] })
  }
  return name as string
}

/** Take an inner input off the inputs of the sub-workflow. An input that feeds nothing any more stays, for the next wire. */
export function unfeed(sub: Sub, name: string, target: SocketRef): void {
  const input = sub.inputs.find((one) => one.name === name)
  if (input) input.to = input.to.filter((one) => !isAt(one, target))
}

/** Give an inner output to the outside; in place of what an output gave before when it is named. */
export function giveOutput(sub: Sub, source: SocketRef, name?: string): string {
  const known = sub.outputs.find((output) => output.name === name)
  if (known) known.from = [...source]
  else {
    name = freeName(
      source[1],
      sub.outputs.map((output) => output.name),
    )
    sub.outputs.push({ name, from: [...source] })
  }
  return name as string
}

/** An input goes, and with it what instances gave it. */
export function removeSubInput(doc: Doc, id: SubId, name: string): void {
  const sub = doc.subs[id]
  if (!sub) return
  sub.inputs = sub.inputs.filter((input) => input.name !== name)
  for (const [body, nodeId, node] of instancesOf(doc, id)) {
    if (node.inputs) delete node.inputs[name]
    if (node.seeds) delete node.seeds[name]
    if (isSub(body)) for (const input of body.inputs) unfeed(body, input.name, [nodeId, name])
  }
}

/** An output goes, and with it the wires that read it, and the outputs further out that hand it on. */
export function removeSubOutput(doc: Doc, id: SubId, name: string): void {
  const sub = doc.subs[id]
  if (!sub?.outputs.some((output) => output.name === name)) return
  sub.outputs = sub.outputs.filter((output) => output.name !== name)
  for (const [body, nodeId] of instancesOf(doc, id))
    eachReader(body, nodeId, name, (inputs, input) => delete inputs[input])
  for (const [outer, { outputs, nodes }] of Object.entries(doc.subs))
    for (const { name: further, from } of [...outputs])
      if (from[1] === name && nodes[from[0]]?.type === typeOfSubId(id)) removeSubOutput(doc, outer, further)
}

/** Give an input or output another name, wherever it is used. Nodes that run a sub-workflow of their choice go by it. */
export function renamePort(
  doc: Doc,
  id: SubId,
  side: 'inputs' | 'outputs',
  name: string,
  wanted: string,
): void {
  const rows = doc.subs[id]?.[side]
  const row = rows?.find((one) => one.name === name)
  if (!rows || !row || !wanted) return
  const others = rows.filter((one) => one !== row).map((one) => one.name)
  const fresh = freeName(wanted, others, ' ')
  row.name = fresh
  if (side === 'inputs') row.title = fresh
  else delete row.title // shown by its name
  if (fresh === name) return
  for (const [body, nodeId, node] of instancesOf(doc, id)) {
    if (side === 'inputs') {
      for (const held of [node.inputs, node.seeds] as Record<string, unknown>[]) {
        if (!held || !(name in held)) continue
        held[fresh] = held[name]
        delete held[name]
      }
      if (isSub(body))
        for (const input of body.inputs)
          input.to = input.to.map((to) => (isAt(to, [nodeId, name]) ? [nodeId, fresh] : to))
    } else {
      eachReader(body, nodeId, name, (inputs, input) => {
        inputs[input] = { from: [nodeId, fresh] }
      })
      if (isSub(body))
        for (const one of body.outputs) if (isAt(one.from, [nodeId, name])) one.from = [nodeId, fresh]
    }
  }
}

/** Move a row up or down by one. */
export function moveRow(rows: { name: string }[], name: string, by: -1 | 1): void {
  const at = rows.findIndex((row) => row.name === name)
  const to = at + by
  if (at < 0 || to < 0 || to >= rows.length) return
  const [row] = rows.splice(at, 1)
  if (row) rows.splice(to, 0, row)
}

export function eachReader(
  body: Body,
  from: NodeId,
  output: string,
  change: (inputs: NonNullable<DocNode['inputs']>, input: string) => void,
): void {
  for (const node of Object.values(body.nodes)) {
    for (const [input, value] of Object.entries(node.inputs ?? {}))
      if (isReference(value) && isAt(value.from, [from, output]) && node.inputs) change(node.inputs, input)
  }
}

/**
 * Remove nodes of what is open at a path. Inputs of a sub-workflow that led to them stay, for the next wire; outputs
 * that they gave go, and the wires that read them outside.
 */
export function removeInside(doc: Doc, path: Path, ids: Iterable<NodeId>): void {
  const gone = new Set(ids)
  const body = bodyAt(doc, path)
  removeNodes(body, gone)
  if (!isSub(body)) return
  for (const input of body.inputs)
    if (input.to.some(([node]) => gone.has(node))) input.to = input.to.filter(([node]) => !gone.has(node))
  const id = path.at(-1)?.sub ?? ''
  for (const { name, from } of [...body.outputs]) if (gone.has(from[0])) removeSubOutput(doc, id, name)
}
