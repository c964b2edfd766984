/**
 * Whether parsed JSON has the shape of a workflow: what `graph/document/reader.py` refuses is refused here, with the
 * same codes (`tests/cases/workflow-files.json`). Whether its parts fit together is checked by the server: a document
 * with a hole in it still opens.
 */
import type { Json } from '../api/types'
import { keyOrder } from './json'

export type Code =
  | 'wrong_shape'
  | 'not_a_workflow'
  | 'bad_version'
  | 'newer_version'
  | 'too_deep'
  | 'bad_id'
  | 'bad_reference'

export interface Fault {
  code: Code
  message: string
  remedy: string
}

type Found = Record<string, Json>

const FORMAT = 1
/** How deep lists and objects may lie in each other. */
const MAX_DEPTH = 100
/** How far from the middle a node may lie, and how large it may be. */
const FARTHEST = 1e9
const MODES = ['active', 'muted', 'bypassed']
const MEND = 'Correct the file, or open another one.'

export function isObject(value: unknown): value is Found {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Everything that is wrong with the shape of a document, none when it can be opened. */
export function shapeFaults(json: Json): Fault[] {
  if (!isObject(json)) {
    const message = `This file holds no workflow: it is ${kind(json)} where an object should be.`
    return [{ code: 'wrong_shape', message, remedy: 'Open a Jacquard workflow file.' }]
  }
  const version = wrongVersion(json)
  if (version) return [version]
  if (isDeeper(json)) {
    const message = `This workflow is nested more than ${MAX_DEPTH} deep.`
    return [{ code: 'too_deep', message, remedy: 'Open a Jacquard workflow file.' }]
  }
  const look = new Look()
  look.words(json, 'the workflow')
  look.nodes(json.nodes, '')
  look.section(json, 'subworkflows', 'the workflow', isObject, 'an object')
  for (const key of ['app', 'packs', 'models']) look.section(json, key, 'the workflow', isObject, 'an object')
  const subs = json.subworkflows
  for (const id of isObject(subs) ? keyOrder(subs) : []) look.sub(id, (subs as Found)[id])
  return look.faults
}

class Look {
  readonly faults: Fault[] = []

  private add(message: string, code: Code = 'wrong_shape', remedy = MEND): void {
    this.faults.push({ code, message, remedy })
  }

  section(
    of: Found,
    key: string,
    where: string,
    fits: (value: Json) => boolean,
    expected: string,
    mayBeNull = true,
  ): boolean {
    const value = of[key]
    if (value === undefined || (mayBeNull && value === null)) return false
    if (fits(value)) return true
    this.add(`“${key}” of ${where} is ${kind(value)} and should be ${expected}.`)
    return false
  }

  /** What a workflow and a sub-workflow have in common, but for the nodes. */
  words(of: Found, where: string): void {
    for (const key of ['title', 'description']) this.section(of, key, where, isText, 'text')
    for (const key of ['groups', 'notes']) {
      const isThere = this.section(of, key, where, Array.isArray, 'a list')
      if (isThere && !(of[key] as Json[]).every(isObject))
        this.add(`“${key}” of ${where} should hold objects only.`)
    }
  }

  nodes(nodes: Json | undefined, inside: string): void {
    if (nodes === undefined || nodes === null) return
    if (!isObject(nodes)) {
      this.add(`“nodes”${within(inside)} is ${kind(nodes)} and should be an object.`)
      return
    }
    for (const id of keyOrder(nodes)) {
      const where = `node ${id}${within(inside)}`
      if (id.includes('/'))
        this.add(
          `The id of ${where} holds “/”, which stands between a node and one inside of it.`,
          'bad_id',
          'Give the node another id.',
        )
      this.node(nodes[id], where)
    }
  }

  private node(node: Json | undefined, where: string): void {
    if (!isObject(node)) {
      this.add(`${capital(where)} is ${kind(node)} and should be an object with a type.`)
      return
    }
    if (typeof node.type !== 'string' || !node.type) this.add(`${capital(where)} has no type.`)
    if (node.mode !== undefined && !MODES.includes(node.mode as string))
      this.add(`${capital(where)} has an unknown mode; it may be ${MODES.join(', ')}.`)
    this.section(node, 'title', where, isText, 'text')
    for (const key of ['position', 'size'])
      this.section(node, key, where, isPlace, 'two numbers from -1e9 to 1e9')
    this.section(node, 'seeds', where, isObject, 'an object')
    if (!this.section(node, 'inputs', where, isObject, 'an object')) return
    for (const [name, value] of Object.entries(node.inputs as Found)) {
      if (!isObject(value) || isWrapped(value)) continue
      this.add(
        `The input “${name}” of ${where} is an object that is neither a reference nor a wrapped value.`,
        'bad_reference',
        'Write {"from": [node id, output name]}, both text, or {"value": …}.',
      )
    }
  }

  sub(id: string, sub: Json | undefined): void {
    const where = `the sub-workflow ${id}`
    if (!id) this.add('A sub-workflow has no id.', 'bad_id', 'Give it an id, such as “upscale”.')
    if (!isObject(sub)) {
      this.add(`${capital(where)} is ${kind(sub)} and should be an object with nodes.`)
      return
    }
    this.nodes(sub.nodes, where)
    this.words(sub, where)
    const ports = (key: 'inputs' | 'outputs', fits: (port: Found) => boolean, expected: string) => {
      if (!this.section(sub, key, where, Array.isArray, 'a list')) return
      for (const port of sub[key] as Json[]) {
        if (!isObject(port) || !isText(port.name) || !port.name || !fits(port))
          this.add(
            `An ${key === 'inputs' ? 'input' : 'output'} of ${where} should be ${expected}, all of it text.`,
          )
        else this.section(port, 'title', `“${port.name}” of ${where}`, isText, 'text')
      }
    }
    ports(
      'inputs',
      ({ to }) => Array.isArray(to) && to.every(isSocket),
      '{"name": …, "to": [[node id, input name], …]}',
    )
    ports('outputs', ({ from }) => isSocket(from), '{"name": …, "from": [node id, output name]}')
  }
}

const within = (where: string) => (where ? ` inside ${where}` : '')
const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)
const isText = (value: unknown) => typeof value === 'string'
const isNumber = (value: unknown) => typeof value === 'number' || typeof value === 'bigint'
const isPlace = (value: unknown) =>
  Array.isArray(value) &&
  value.length === 2 &&
  value.every((part) => typeof part === 'number' && Math.abs(part) <= FARTHEST)
const isSocket = (value: unknown) => Array.isArray(value) && value.length === 2 && value.every(isText)

function isWrapped(value: Found): boolean {
  return Object.keys(value).length === 1 && ('value' in value || isSocket(value.from))
}

function kind(value: Json | undefined): string {
  if (value === null || value === undefined) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  const words: Record<string, string> = { object: 'an object', string: 'text', boolean: 'true or false' }
  return words[typeof value] ?? 'a number'
}

function wrongVersion(json: Found): Fault | null {
  const version = json.jacquard
  if (version === undefined || version === null) return foreign(json)
  if (!isNumber(version) || (version as number) < 1 || (typeof version === 'number' && version % 1)) {
    const message = 'The format version under “jacquard” is no whole number from 1.'
    return { code: 'bad_version', message, remedy: `Write "jacquard": ${FORMAT}.` }
  }
  if ((version as number) > FORMAT) {
    const message = 'This workflow was saved by a newer Jacquard.'
    return { code: 'newer_version', message, remedy: 'Update Jacquard; the file is left as it is.' }
  }
  return null
}

function foreign(json: Found): Fault {
  const fault = (message: string): Fault => ({
    code: 'not_a_workflow',
    message,
    remedy: 'Open a Jacquard workflow; the templates are a good start.',
  })
  if (Array.isArray(json.nodes) && 'links' in json)
    return fault('This is a graph of another tool (a list of nodes and a list of links).')
  if ('prompt' in json || Object.values(json).some((value) => isObject(value) && 'class_type' in value))
    return fault('This is an API prompt of another tool (nodes with a class_type).')
  return fault('This JSON file is no Jacquard workflow.')
}

/** Whether more lists and objects lie in each other than may; level by level, so that it needs no stack. */
function isDeeper(json: Json): boolean {
  let level: object[] = [json as object]
  for (let depth = 0; depth < MAX_DEPTH; depth++) {
    level = level.flatMap((box) =>
      (Object.values(box) as Json[]).filter((item) => typeof item === 'object' && item !== null),
    ) as object[]
    if (!level.length) return false
  }
  return true
}
