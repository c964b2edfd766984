/** Between the bytes of a workflow file and the document in memory. What is not understood is kept. */
import type { Json } from '../api/types'
import { decodeText, JsonError, type JsonFault, keyOrder, parseJson, writeJson } from './json'
import { type Code, isObject, shapeFaults } from './shape'
import type { Body, Doc, DocNode, Sub, SubInput, SubOutput } from './types'

/** A file that is no workflow: what is wrong and where, and what to do. */
export class NotAWorkflow extends Error {
  constructor(
    message: string,
    readonly remedy: string,
    readonly code: Code | JsonFault = 'not_a_workflow',
    readonly place: readonly [line: number, column: number] | null = null,
  ) {
    super(message)
  }
}

/** A document from the bytes of a file, or from text; throws `NotAWorkflow`. */
export function readDoc(file: Uint8Array | string): Doc {
  return docFromJson(readJson(file))
}

/** The JSON of a file; throws `NotAWorkflow` for what could not be written back as it is. */
export function readJson(file: Uint8Array | string): Json {
  try {
    return parseJson(typeof file === 'string' ? file : decodeText(file))
  } catch (error) {
    if (!(error instanceof JsonError)) throw error
    const { code, line, column } = error
    const where = `line ${line}, column ${column}`
    const place = [line, column] as const
    if (code === 'not_text')
      throw new NotAWorkflow(
        `${error.message}, at ${where}.`,
        'Save it as UTF-8 and open it again.',
        code,
        place,
      )
    if (code === 'not_json')
      throw new NotAWorkflow(
        `This is not valid JSON at ${where}: ${error.message}.`,
        error.cutOff
          ? 'The file seems to be cut off; open a complete copy.'
          : `Correct the file at ${where}, or open another copy.`,
        code,
        place,
      )
    throw new NotAWorkflow(
      `This file cannot be opened without loss, because of ${where}: ${error.message}.`,
      `Correct the file at ${where}, or open another copy.`,
      code,
      place,
    )
  }
}

/** A document from parsed JSON; throws `NotAWorkflow`. */
export function docFromJson(json: Json): Doc {
  const [fault, ...more] = shapeFaults(json)
  if (fault) {
    const others = more.length
      ? ` There ${more.length > 1 ? `are ${more.length} more faults` : 'is one more fault'}.`
      : ''
    throw new NotAWorkflow(fault.message + others, fault.remedy, fault.code)
  }
  const { jacquard: _, title, description, nodes, subworkflows, ...rest } = json as Record<string, Json>
  const doc: Doc = { jacquard: 1, ...bodyFromJson(nodes), subs: {}, rest }
  if (typeof title === 'string') doc.title = title
  if (typeof description === 'string') doc.description = description
  if (!isObject(subworkflows)) return doc
  for (const id of keyOrder(subworkflows))
    doc.subs[id] = subFromJson(subworkflows[id] as Record<string, Json>)
  return doc
}

function bodyFromJson(nodes: Json | undefined): Pick<Body, 'nodes' | 'order'> {
  if (!isObject(nodes)) return { nodes: {}, order: [] }
  const order = keyOrder(nodes)
  return { nodes: Object.fromEntries(order.map((id) => [id, nodes[id] as unknown as DocNode])), order }
}

function subFromJson(json: Record<string, Json>): Sub {
  const { title, description, nodes, inputs, outputs, ...rest } = json
  return {
    ...(typeof title === 'string' && { title }),
    ...(typeof description === 'string' && { description }),
    inputs: (inputs ?? []) as unknown as SubInput[],
    outputs: (outputs ?? []) as unknown as SubOutput[],
    ...bodyFromJson(nodes),
    rest,
  }
}

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
