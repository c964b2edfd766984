/** Between the text of a workflow file and the document in memory. What is not understood is kept. */
import type { Json } from '../api/types'
import { JsonError, keyOrder, parseJson, writeJson } from './json'
import type { Body, Doc, DocNode, SocketRef, Sub, SubInput, SubOutput } from './types'

/** A file that is no workflow: what it looks like, and what to do. */
export class NotAWorkflow extends Error {
  constructor(
    message: string,
    readonly remedy: string,
  ) {
    super(message)
  }
}

export function readDoc(text: string): Doc {
  return docFromJson(parse(text))
}

function parse(text: string): Json {
  try {
    return parseJson(text)
  } catch (error) {
    if (!(error instanceof JsonError)) throw error
    const before = text.slice(0, error.at).split('\n')
    const place = `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`
    throw new NotAWorkflow(
      `This is not valid JSON at ${place}: ${error.message}.`,
      'Open a complete copy of the file.',
    )
  }
}

/** A document from parsed JSON; throws `NotAWorkflow`. */
export function docFromJson(json: Json): Doc {
  if (!isObject(json))
    throw new NotAWorkflow('This file holds no workflow.', 'Open a Jacquard workflow file.')
  if (json.jacquard === undefined) throw foreign(json)
  if (json.jacquard !== 1) {
    throw new NotAWorkflow(
      'This workflow was saved by a newer Jacquard.',
      'Update Jacquard; the file is left as it is.',
    )
  }
  const { jacquard: _, title, description, nodes, subworkflows, ...rest } = json
  const doc: Doc = { jacquard: 1, ...bodyFromJson(nodes, ''), subs: {}, rest }
  if (typeof title === 'string') doc.title = title
  if (typeof description === 'string') doc.description = description
  if (!isObject(subworkflows)) return doc
  for (const id of keyOrder(subworkflows)) doc.subs[id] = subFromJson(id, subworkflows[id])
  return doc
}

function bodyFromJson(nodes: Json | undefined, where: string): Pick<Body, 'nodes' | 'order'> {
  const body: Pick<Body, 'nodes' | 'order'> = { nodes: {}, order: [] }
  if (!isObject(nodes)) return body
  for (const id of keyOrder(nodes)) {
    const node = nodes[id]
    if (!isObject(node) || typeof node.type !== 'string') {
      throw new NotAWorkflow(
        `Node ${id} of this workflow${where} has no type.`,
        'Correct the file, or open another one.',
      )
    }
    body.nodes[id] = node as unknown as DocNode
    body.order.push(id)
  }
  return body
}

function subFromJson(id: string, json: Json | undefined): Sub {
  if (!isObject(json)) {
    throw new NotAWorkflow(
      `The sub-workflow ${id} of this workflow is not an object.`,
      'Correct the file, or open another one.',
    )
  }
  const { title, description, nodes, inputs, outputs, ...rest } = json
  return {
    ...(typeof title === 'string' && { title }),
    ...(typeof description === 'string' && { description }),
    inputs: list(inputs).flatMap((one) =>
      typeof one.name === 'string'
        ? [{ ...one, to: (Array.isArray(one.to) ? one.to : []).filter(isSocket) } as unknown as SubInput]
        : [],
    ),
    outputs: list(outputs).filter(
      (one) => typeof one.name === 'string' && isSocket(one.from),
    ) as unknown as SubOutput[],
    ...bodyFromJson(nodes, ` (inside the sub-workflow ${id})`),
    rest,
  }
}

const list = (value: Json | undefined) => (Array.isArray(value) ? value.filter(isObject) : [])

const isSocket = (value: unknown): value is SocketRef =>
  Array.isArray(value) && value.length === 2 && value.every((part) => typeof part === 'string')

/** The text of the file: stable order, two spaces, a line feed at the end. */
export function writeDoc(doc: Doc, indent = 2): string {
  const { nodes, order, rest, subs, ...head } = doc
  const orders = new Map<unknown, string[]>([[nodes, order]])
  const defined = Object.entries(subs).map(([id, sub]) => {
    orders.set(sub.nodes, sub.order)
    return [id, subToJson(sub)] as const
  })
  const file = {
    ...head,
    nodes,
    ...(defined.length && { subworkflows: Object.fromEntries(defined) }),
    ...rest,
  }
  return writeJson(file, indent, (value) => orders.get(value) ?? keyOrder(value)) + (indent ? '\n' : '')
}

/** A definition as it stands in the file. */
export function subToJson(sub: Sub): object {
  const { title, description, inputs, outputs, nodes, order: _, rest } = sub
  return { ...(title && { title }), ...(description && { description }), inputs, outputs, nodes, ...rest }
}

function isObject(value: unknown): value is Record<string, Json> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function foreign(json: Record<string, Json>): NotAWorkflow {
  const remedy = 'Open a Jacquard workflow; the templates are a good start.'
  if (Array.isArray(json.nodes) && 'links' in json) {
    return new NotAWorkflow('This is a graph of another tool (a list of nodes and a list of links).', remedy)
  }
  if (Object.values(json).some((value) => isObject(value) && 'class_type' in value)) {
    return new NotAWorkflow('This is an API prompt of another tool (nodes with a class_type).', remedy)
  }
  return new NotAWorkflow('This JSON file is no Jacquard workflow.', remedy)
}
