/** For tests: the files of `tests/cases`, and node types as they write them; `tests/cases/README.md` tells how. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { InputType, NodeType, OutputType } from '../api/types'

const FOLDER = join(import.meta.dirname, '../../../tests/cases')

export const casesOf = <Cases>(name: string) =>
  JSON.parse(readFileSync(join(FOLDER, `${name}.json`), 'utf8')) as Cases

export type Converts = Readonly<Record<string, readonly string[]>>
type SaidInput = string | ({ type: string } & Partial<InputType>)
export type SaidTypes = Record<
  string,
  { title?: string; in?: Record<string, SaidInput>; out?: Record<string, string>; saves?: boolean }
>

const SOCKET = /^(?:<(\w+)>|([\w,*]+))(\[\])?(\.\.\.)?$/

function parts(text: string) {
  const found = SOCKET.exec(text)
  if (!found) throw new Error(`${text} is no socket`)
  const [, generic, type = '*', list, each] = found
  return { type, ...(generic && { generic }), isList: list !== undefined, each: each !== undefined }
}

export function inputOf(name: string, said: SaidInput, converts: Converts): InputType {
  const { type: text, ...more } = typeof said === 'string' ? { type: said } : said
  const { type, generic, isList } = parts(text)
  const names = type.split(',')
  const title = name.replaceAll('_', ' ')
  return {
    name,
    type,
    title: title.charAt(0).toUpperCase() + title.slice(1),
    tooltip: '',
    optional: false,
    advanced: false,
    accepts: [...new Set([...names, ...names.flatMap((each) => converts[each] ?? [])])],
    ...(isList && { collects: true }),
    ...(generic && { generic }),
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
export function typesOf(said: SaidTypes, converts: Converts): Map<string, NodeType> {
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
