import { describe, expect, test } from 'vitest'
import type { InputType, Json, NodeType, OutputType } from '../api/types'
import { conversionsOf } from '../catalogue/conversions'
import {
  type Converts,
  casesOf,
  docOf,
  typesOf,
  type WrittenTypes,
  type WrittenWorkflow,
} from '../catalogue/testing'
import { type Body, type DocNode, emptyDoc, type Sub } from '../document/types'
import { showsPictures, typeOfSub } from './instanceTypes'
import { createLookup } from './lookup'
import { carrierOf } from './typeInference'

const input = (name: string, type: string, more: Partial<InputType> = {}): InputType => ({
  name,
  type,
  title: name.toUpperCase(),
  tooltip: '',
  optional: false,
  advanced: false,
  accepts: [type],
  ...more,
})
const output = (name: string, type: string, more: Partial<OutputType> = {}): OutputType => ({
  name,
  type,
  tooltip: '',
  ...more,
})
const type = (
  id: string,
  inputs: InputType[],
  outputs: OutputType[],
  more: Partial<NodeType> = {},
): NodeType => ({
  id,
  title: id,
  category: 'test',
  help: '',
  inputs,
  outputs,
  version: 1,
  side_effect: false,
  lane: 'cpu',
  module: 'm',
  aliases: [],
  experimental: false,
  deprecated: false,
  ...more,
})
const number = { kind: 'number', min: 0, max: 10, step: 1 } as const
const T = { generic: 'T' }
const TYPES = new Map(
  [
    type('Number', [input('value', 'INT', { widget: number, default: 3 })], [output('INT', 'INT')]),
    type('Text', [], [output('STRING', 'STRING')]),
    type('Reroute', [input('any', '*', T)], [output('any', '*', T)]),
    type(
      'Switch',
      [input('yes', '*', T), input('no', '*', T), input('if', 'BOOLEAN')],
      [output('out', '*', T)],
    ),
    type('Folder', [], [output('image', 'IMAGE', { each: true })]),
    type('Blur', [input('image', 'IMAGE')], [output('image', 'IMAGE')]),
    type('Grid', [input('images', 'IMAGE', { collects: true })], [output('image', 'IMAGE')]),
    type('Save', [input('images', 'IMAGE')], [], { side_effect: true }),
  ].map((one) => [one.id, one]),
)

/** "1:Number 2:Reroute.any<1.INT" as nodes. */
function body(text: string): Body {
  const doc = emptyDoc()
  for (const part of text.split(' ')) {
    const [head, ...wires] = part.split(/[.](?=\w+<)/)
    const [id, name] = (head as string).split(':') as [string, string]
    const node: DocNode = { type: name, inputs: {} }
    for (const wire of wires) {
      const [socket, from] = wire.split('<') as [string, string]
      ;(node.inputs as Record<string, unknown>)[socket] = { from: from.split('.') }
    }
    doc.nodes[id] = node
    doc.order.push(id)
  }
  return doc
}
const find = (name: string) => TYPES.get(name)
const converts = conversionsOf(TYPES.values())
const carried = (text: string, id: string, name: string) => carrierOf(body(text), find, converts)(id, name)

describe('what a wire carries', () => {
  test('the type that flows into a Reroute flows out of it, over any number of them', () => {
    expect(carried('1:Number 2:Reroute.any<1.INT 3:Reroute.any<2.any', '3', 'any').type).toBe('INT')
    expect(carried('1:Number 2:Switch.yes<1.INT', '2', 'out').type).toBe('INT')
    expect(carried('2:Reroute', '2', 'any')).toMatchObject({ type: '*', open: '2.T' })
  })

  test('a row of ten thousand of them is no problem, nor is a circle', () => {
    const long = Array.from({ length: 10_000 }, (_, at) => `${at + 2}:Reroute.any<${at + 1}.any`)
    long[0] = '2:Reroute.any<1.INT'
    expect(carried(`1:Number ${long.join(' ')}`, '10001', 'any').type).toBe('INT')
    expect(carried('1:Reroute.any<2.any 2:Reroute.any<1.any', '1', 'any').type).toBe('*')
  })

  test('what is below a stream comes item by item, until it is collected', () => {
    const graph = '1:Folder 2:Blur.image<1.image 3:Grid.images<2.image 4:Blur.image<3.image'
    expect(['1', '2', '3', '4'].map((id) => carried(graph, id, 'image').each)).toEqual([
      true,
      true,
      false,
      false,
    ])
  })
})

const sub = (text: string, inputs: Sub['inputs'], outputs: Sub['outputs']): Sub => ({
  ...body(text),
  title: 'Group',
  inputs,
  outputs,
})

describe('the type of a sub-workflow', () => {
  test('has the widget, the title and the value of the first input inside that it feeds', () => {
    const group = sub(
      '1:Number 2:Number',
      [
        {
          name: 'n',
          to: [
            ['1', 'value'],
            ['2', 'value'],
          ],
        },
      ],
      [],
    )
    ;(group.nodes['1'] as DocNode).inputs = { value: 7 }
    expect(typeOfSub('g', group, find, converts).inputs[0]).toMatchObject({
      name: 'n',
      title: 'VALUE',
      type: 'INT',
      widget: number,
      default: 7,
      optional: true,
    })
  })

  test('has titles of its own where they are given, and says what leads nowhere', () => {
    const group = sub(
      '1:Number',
      [
        { name: 'n', title: 'How many', to: [['1', 'value']] },
        { name: 'x', to: [] },
      ],
      [],
    )
    const [first, second] = typeOfSub('g', group, find, converts).inputs
    expect(first?.title).toBe('How many')
    expect(second).toMatchObject({ type: '*', optional: true })
    expect(second?.tooltip).toContain('leads nowhere')
  })

  test('types that are decided outside flow through it', () => {
    const group = sub(
      '1:Reroute 2:Reroute.any<1.any',
      [{ name: 'in', to: [['1', 'any']] }],
      [{ name: 'out', from: ['2', 'any'] }],
    )
    const made = typeOfSub('g', group, find, converts)
    const outside = body('1:Number 2:@g.in<1.INT')
    expect(carrierOf(outside, (name) => (name === '@g' ? made : find(name)), converts)('2', 'out').type).toBe(
      'INT',
    )
  })

  test('streams inside are streams outside, and pictures inside are shown outside', () => {
    const group = sub('1:Folder 2:Blur.image<1.image 3:Save', [], [{ name: 'out', from: ['2', 'image'] }])
    const made = typeOfSub('g', group, find, converts)
    expect(made.outputs[0]).toMatchObject({ type: 'IMAGE', each: true })
    expect(made.side_effect && showsPictures(made)).toBe(true)
  })

  test('stays the same object while it comes out equal, and is renewed when not; circles end', () => {
    const lookup = createLookup()
    const group = sub('1:Number', [{ name: 'n', to: [['1', 'value']] }], [])
    const first = lookup(TYPES, { g: group }, '@g')
    const moved = { ...group, nodes: { 1: { ...group.nodes['1'], position: [9, 9] } as DocNode } }
    expect(lookup(TYPES, { g: moved }, '@g')).toBe(first)
    expect(lookup(TYPES, { g: { ...group, title: 'Other' } }, '@g')).not.toBe(first)
    const circle = sub('1:@g', [], [{ name: 'out', from: ['1', 'out'] }])
    expect(lookup(TYPES, { g: circle }, '@g')?.outputs[0]?.type).toBe('*')
    expect(lookup(TYPES, {}, '@gone')).toBeUndefined()
  })
})

interface WrittenSocket {
  name: string
  type: string
  title?: string
  default?: Json
  widget?: string
}

interface Cases {
  converts: Converts
  types: WrittenTypes
  cases: (WrittenWorkflow & { name: string; of: string; inputs: WrittenSocket[]; outputs: WrittenSocket[] })[]
}

const FILE = casesOf<Cases>('instance-types')

describe('the sockets of an instance, as the engine has them', () => {
  const types = typesOf(FILE.types, FILE.converts)

  test.each(FILE.cases.map((one) => [one.name, one] as const))('%s', (_, said) => {
    const found = createLookup()(types, docOf({ ...said, nodes: [] }).subs, `@${said.of}`)
    const inputs = found?.inputs.map(
      ({ name, type, title, collects, default: given, widget }): WrittenSocket => ({
        name,
        type: type + (collects ? '[]' : ''),
        title,
        ...(given !== undefined && given !== null && { default: given }),
        ...(widget && { widget: widget.kind }),
      }),
    )
    expect(inputs).toEqual(said.inputs)
    const outputs = found?.outputs.map(({ name, type, is_list: isList, each }) => ({
      name,
      type: type + (isList ? '[]' : '') + (each ? '...' : ''),
    }))
    expect(outputs).toEqual(said.outputs)
    expect(found?.inputs.some(({ advanced }) => advanced)).toBe(false)
  })
})
