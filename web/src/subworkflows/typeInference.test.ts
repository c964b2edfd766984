/** What flows through a workflow is what the engine says: both run the same cases. */
import { describe, expect, test } from 'vitest'
import { conversionsOf } from '../catalogue/conversions'
import {
  type Converts,
  casesOf,
  docOf,
  socketOf,
  typesOf,
  type WrittenTypes,
  type WrittenWorkflow,
} from '../catalogue/testing'
import { isReference } from '../document/types'
import { bypassSource } from './bypass'
import { bind, type Carried, fitIn } from './generics'
import { createLookup } from './lookup'
import { carrierOf } from './typeInference'

interface Case extends WrittenWorkflow {
  name: string
  carries?: Record<string, string>
  refused?: string[]
  hands_on?: Record<string, string | null>
}

const FILE = casesOf<{ converts: Converts; types: WrittenTypes; cases: Case[] }>('type-flow')
const TYPES = typesOf(FILE.types, FILE.converts)
const converts = conversionsOf(TYPES.values())

function opened(said: Case) {
  const doc = docOf(said)
  const lookup = createLookup()
  const find = (type: string) => lookup(TYPES, doc.subs, type)
  return { nodes: doc.nodes, find, carrier: carrierOf(doc, find, converts) }
}

const shown = ({ type, isList, each }: Carried) => `${type}${isList ? '[]' : ''}${each ? '...' : ''}`

/** The inputs of a node whose wire does not fit. */
function refusedAt(id: string, { nodes, find, carrier }: ReturnType<typeof opened>): string[] {
  const node = nodes[id]
  const type = find(node?.type ?? '')
  if (!node || !type || node.mode === 'bypassed') return []
  const arriving = new Map<string, Carried>()
  for (const { name } of type.inputs) {
    const value = node.inputs?.[name]
    if (isReference(value)) arriving.set(name, carrier(...value.from))
  }
  const binding = bind(node, type, arriving, converts)
  const clashes = binding.clashes.map(({ input }) => input)
  const wrong = type.inputs.flatMap((input) => {
    const given = arriving.get(input.name)
    return given && !fitIn(binding, input, given, converts).ok ? [input.name] : []
  })
  return [...new Set([...clashes, ...wrong])].map((name) => `${id}.${name}`)
}

const asking = <Key extends keyof Case>(key: Key) =>
  FILE.cases.flatMap((one) => (one[key] === undefined ? [] : [[one.name, one, one[key]] as const]))

describe('what outputs carry', () => {
  test.each(asking('carries'))('%s', (_, said, expected) => {
    const { carrier } = opened(said)
    const found = Object.keys(expected).map((at) => [at, shown(carrier(...socketOf(at)))])
    expect(Object.fromEntries(found)).toEqual(expected)
    expect(Object.keys(opened(said).nodes).flatMap((id) => refusedAt(id, opened(said)))).toEqual([])
  })
})

describe('wires that are refused', () => {
  test.each(asking('refused'))('%s', (_, said, expected) => {
    const all = opened(said)
    expect(Object.keys(all.nodes).flatMap((id) => refusedAt(id, all))).toEqual(expected)
  })
})

describe('what a bypassed node hands on', () => {
  test.each(asking('hands_on'))('%s', (_, said, expected) => {
    const { nodes, find } = opened(said)
    const found = Object.keys(expected).map((at) => {
      const [id, output] = socketOf(at)
      const [node, type] = [nodes[id], find(nodes[id]?.type ?? '')]
      if (!node || !type) throw new Error(`${id} is not there`)
      return [at, bypassSource(node, type, output, converts)?.join('.') ?? null]
    })
    expect(Object.fromEntries(found)).toEqual(expected)
  })
})
