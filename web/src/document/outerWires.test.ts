import { expect, test } from 'vitest'
import { canKeep, feedCopies, type OuterWire, outerWires } from './outerWires'
import { type Body, emptyDoc, type Sub } from './types'

const NODES = {
  model: { type: 'Load' },
  one: { type: 'Blur', inputs: { model: { from: ['model', 'MODEL'] as [string, string] }, radius: 2 } },
  two: { type: 'Blur', inputs: { image: { from: ['one', 'IMAGE'] as [string, string] } } },
}
const body = (): Body => ({ ...emptyDoc(), nodes: structuredClone(NODES), order: Object.keys(NODES) })
const sub = (): Sub => ({ ...body(), inputs: [{ name: 'size', to: [['two', 'radius']] }], outputs: [] })

test('only wires from outside count, those of the open sub-workflow too', () => {
  expect(outerWires(sub(), new Set(['one', 'two']))).toEqual([
    { to: ['one', 'model'], from: { node: 'model', type: 'Load' } },
    { to: ['two', 'radius'], from: { port: 'size' } },
  ])
  expect(outerWires(body(), new Set(['two']))).toEqual([
    { to: ['two', 'image'], from: { node: 'one', type: 'Blur' } },
  ])
})

test('a wire is kept where its source is there and still of its type', () => {
  const wire = (node: string, type: string): OuterWire => ({ to: ['x', 'y'], from: { node, type } })
  expect(canKeep(body(), wire('model', 'Load'))).toBe(true)
  expect(canKeep(body(), wire('model', 'Blur'))).toBe(false)
  expect(canKeep(body(), wire('gone', ''))).toBe(false)
  const ofPort: OuterWire = { to: ['two', 'radius'], from: { port: 'size' } }
  expect(canKeep(sub(), ofPort)).toBe(true)
  expect(canKeep(body(), ofPort)).toBe(false)
})

test('an input of the sub-workflow feeds the copies like their originals', () => {
  const draft = sub()
  feedCopies(draft, outerWires(draft, new Set(['one', 'two'])), new Map([['two', 'copy']]))
  expect(draft.inputs[0]?.to).toEqual([
    ['two', 'radius'],
    ['copy', 'radius'],
  ])
})
