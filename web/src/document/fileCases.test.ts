/** The reader of workflow files gives the answers that the server's reader gives: both go through the same cases. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { NotAWorkflow, readDoc, writeDoc } from './file'
import { parseJson } from './json'

interface Case {
  name: string
  text?: string
  base64?: string
  times?: number
  code?: string
  line?: number
  column?: number
  same?: boolean
  is?: string
}

const FILE = join(import.meta.dirname, '../../../tests/cases/workflow-files.json')
const CASES = JSON.parse(readFileSync(FILE, 'utf8')) as Case[]

const spelled = (text: string, times = 1) => text.replace(/«(.*?)»/g, (_, part: string) => part.repeat(times))

const fileOf = ({ base64, text = '', times }: Case) =>
  new Uint8Array(base64 === undefined ? Buffer.from(spelled(text, times)) : Buffer.from(base64, 'base64'))

test.each(CASES.map((one): [string, Case] => [one.name, one]))('%s', (_, one) => {
  if (one.code !== undefined) {
    let refusal: unknown
    try {
      readDoc(fileOf(one))
    } catch (error) {
      refusal = error
    }
    expect(refusal).toBeInstanceOf(NotAWorkflow)
    const { code, place, message, remedy } = refusal as NotAWorkflow
    expect(code).toBe(one.code)
    if (one.line !== undefined) expect(place).toEqual([one.line, one.column])
    expect(message).toMatch(/\.$/)
    expect(remedy).not.toBe('')
    return
  }
  const meant = spelled((one.same ? one.text : one.is) as string, one.times)
  const doc = readDoc(fileOf(one))
  for (const text of [writeDoc(doc), writeDoc(doc, 0), writeDoc(readDoc(writeDoc(doc)))]) {
    expect(withoutEmpty(parseJson(text))).toEqual(withoutEmpty(parseJson(meant)))
  }
})

/** A document without the sections that hold nothing, which mean the same where they are left out; wraps that need not be. */
function withoutEmpty(json: unknown): unknown {
  if (Array.isArray(json)) return json.map(withoutEmpty)
  if (typeof json !== 'object' || json === null) return json
  const entries = Object.entries(json).map(([key, value]) => [key, unwrapped(withoutEmpty(value))])
  return Object.fromEntries(
    entries.filter(([key, value]) => !SECTIONS.includes(key as string) || !isEmpty(value)),
  )
}

const SECTIONS = 'title description nodes subworkflows groups notes app packs models inputs outputs'.split(
  ' ',
)
const isEmpty = (value: unknown) =>
  value === null || (typeof value === 'object' && !Object.keys(value).length)

function unwrapped(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  const { value: inner, ...rest } = value as { value?: unknown }
  const isLiteral = typeof inner !== 'object' || inner === null || Array.isArray(inner)
  return 'value' in value && !Object.keys(rest).length && isLiteral ? inner : value
}
