import { describe, expect, test } from 'vitest'
import { emptyDoc, type Sub } from '../document/types'
import { findNode, titlesOf, wayTo } from './runPaths'

const sub = (nodes: Sub['nodes']): Sub => ({
  nodes,
  order: Object.keys(nodes),
  inputs: [],
  outputs: [],
  rest: {},
})
const doc = {
  ...emptyDoc(),
  nodes: {
    7: { type: '@up' },
    9: { type: 'ForEach', inputs: { body: 'turn' } },
    1: { type: 'Save' },
  },
  subs: {
    up: { ...sub({ 3: { type: 'Blur' }, 4: { type: '@deep' } }), title: 'Upscale' },
    deep: sub({ 5: { type: 'Fail', title: 'Here' } }),
    turn: sub({ 3: { type: 'Count' } }),
  },
}
const bodies = (type: string) => (type === 'ForEach' ? ['body'] : [])
const find = (path: string) => {
  const found = findNode(doc, path, bodies)
  return found && [found.path.map((place) => place.node).join('/'), found.node]
}

describe('the node of a path', () => {
  test.each([
    ['1', ['', '1']],
    ['7/3', ['7', '3']],
    ['7/4/5', ['7/4', '5']],
    ['9/turn0/3', ['9', '3']],
    ['9/next/next/turn/3', ['9', '3']],
    ['9/join', ['', '9']],
    ['7/gone', ['', '7']],
    ['@deep/5', ['7/4', '5']],
    ['gone', null],
  ])('%s', (path, expected) => {
    expect(find(path)).toEqual(expected)
  })

  test('has titles from the outside in', () => {
    expect(titlesOf(doc, '7/4/5', bodies, (node) => node.title ?? node.type)).toEqual([
      'Upscale',
      'deep',
      'Here',
    ])
  })
})

test('the way to a definition is the shortest one', () => {
  expect(wayTo(doc, 'deep', bodies)?.map((place) => place.node)).toEqual(['7', '4'])
  expect(wayTo(doc, 'turn', bodies)).toEqual([{ node: '9', sub: 'turn', input: 'body' }])
  expect(wayTo(doc, 'none', bodies)).toBeNull()
})
