/** For tests: the files of `tests/cases`, and node types as they write them; `tests/cases/README.md` tells how. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { InputType, NodeType, OutputType } from '../api/types'
import {
  type Body,
  type Doc,
  type DocNode,
  emptyDoc,
  type InputValue,
  type SocketRef,
  type Sub,
} from '../document/types'

const FOLDER = join(import.meta.dirname, '../../../tests/cases')

export const casesOf = <Cases>(name: string) =>
  JSON.parse(readFileSync(join(FOLDER, `${name}.json`), 'utf8')) as Cases

export type Converts = Readonly<Record<string, readonly string[]>>
type WrittenInput = string | ({ type: string } & Partial<InputType>)
export type WrittenTypes = Record<
  string,
  { title?: string; in?: Record<string, WrittenInput>; out?: Record<string, string>; saves?: boolean }
>

const SOCKET = /^(?:<(\w+)>|([\w,*]+))(\[\])?(\.\.\.|\?)?$/
const NODE = /^(~)?(\S+) (\S+)((?: \S+)*)$/

function parts(text: string) {
  const found = SOCKET.exec(text)
  if (!found) throw new Error(`${text} is no socket`)
  const [, generic, type = '*', list, more] = found
  return {
    type,
    ...(generic && { generic }),
    isList: list !== undefined,
    each: more === '...',
    optional: more === '?',
  }
}

export function inputOf(name: string, said: WrittenInput, converts: Converts): InputType {
  const { type: text, ...more } = typeof said === 'string' ? { type: said } : said
  const { type, generic, isList, optional } = parts(text)
  const names = type.split(',')
  const title = name.replaceAll('_', ' ')
  return {
    name,
    type,
    title: title.charAt(0).toUpperCase() + title.slice(1),
    tooltip: '',
    optional,
    advanced: false,
    accepts: [...new Set([...names, ...names.flatMap((each) => converts[each] ?? [])])],
    ...(isList && { collects: true }),
    ...(generic && { generic }),
    ...(optional && { default: null }),
    ...more,
  }
}

export function outputOf(name: string, said: string): OutputType {
  const { type, generic, isList, each } = parts(said)
  return {
    name,
    type,
    tooltip: '',
    ...(each && { each }),
    ...(isList && { is_list: true }),
    ...(generic && { generic }),
  }
}

/** The node types of a file of cases, by their ids. */
export function typesOf(said: WrittenTypes, converts: Converts): Map<string, NodeType> {
  const types = Object.entries(said).map(
    ([id, one]): NodeType => ({
      id,
      title: one.title ?? id,
      category: 'cases',
      help: '',
      inputs: Object.entries(one.in ?? {}).map(([name, input]) => inputOf(name, input, converts)),
      outputs: Object.entries(one.out ?? {}).map(([name, output]) => outputOf(name, output)),
      version: 1,
      side_effect: one.saves ?? false,
      lane: 'cpu',
      module: 'cases',
      aliases: [],
      experimental: false,
      deprecated: false,
    }),
  )
  return new Map(types.map((type) => [type.id, type]))
}

/** A workflow as a case writes it. */
export interface WrittenWorkflow {
  nodes: string[]
  subworkflows?: Record<string, WrittenSubworkflow>
}

interface WrittenSubworkflow {
  title?: string
  nodes: string[]
  inputs?: Record<string, string[] | { to: string[]; title?: string }>
  outputs?: Record<string, string | { from: string; title?: string }>
}

export function docOf({ nodes, subworkflows = {} }: WrittenWorkflow): Doc {
  const subs = Object.entries(subworkflows).map(([id, sub]) => [id, subOf(sub)])
  return { ...emptyDoc(), ...bodyOf(nodes), subs: Object.fromEntries(subs) }
}

/** `1.v` as a socket. */
export function socketOf(text: string): SocketRef {
  const at = text.indexOf('.')
  return [text.slice(0, at), text.slice(at + 1)]
}

function subOf({ title, nodes, inputs = {}, outputs = {} }: WrittenSubworkflow): Sub {
  return {
    ...bodyOf(nodes),
    ...(title && { title }),
    inputs: Object.entries(inputs).map(([name, said]) => {
      const { to, ...more } = Array.isArray(said) ? { to: said } : said
      return { name, to: to.map(socketOf), ...more }
    }),
    outputs: Object.entries(outputs).map(([name, said]) => {
      const { from, ...more } = typeof said === 'string' ? { from: said } : said
      return { name, from: socketOf(from), ...more }
    }),
  }
}

function bodyOf(lines: string[]): Body {
  const nodes: Record<string, DocNode> = {}
  const order: string[] = []
  for (const line of lines) {
    const found = NODE.exec(line)
    if (!found) throw new Error(`${line} is no node`)
    const [, bypassed, id = '', type = '', inputs = ''] = found
    const held = inputs.split(' ').flatMap((text): [string, InputValue][] => {
      const [, name = '', mark, value = ''] = /^(\w+)([<=])(.*)$/.exec(text) ?? []
      if (!mark) return []
      return [[name, mark === '<' ? { from: socketOf(value) } : (JSON.parse(value) as InputValue)]]
    })
    nodes[id] = { type, inputs: Object.fromEntries(held), ...(bypassed && { mode: 'bypassed' }) }
    order.push(id)
  }
  return { nodes, order, rest: {} }
}
