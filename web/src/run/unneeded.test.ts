import { expect, test } from 'vitest'
import { type DocNode, emptyDoc } from '../document/types'
import { unneeded } from './unneeded'

/** "4.lazy<2 4.other<3 2.a<1": node 4 reads 2 at a lazy input, and so on. */
function found(wires: string, ran: string): string[] {
  const doc = emptyDoc()
  for (const wire of wires.split(' ')) {
    const [, to, input, from] = /^(\w+)\.(\w+)<(\w+)$/.exec(wire) as string[]
    for (const id of [to, from] as string[])
      if (!doc.nodes[id]) {
        doc.nodes[id] = { type: 'T', inputs: {} }
        doc.order.push(id)
      }
    const node = doc.nodes[to as string] as DocNode
    node.inputs = { ...node.inputs, [input as string]: { from: [from as string, 'OUT'] } }
  }
  const took = new Set(ran.split(' '))
  return [
    ...unneeded(doc, { took: (id) => took.has(id), isLazy: (_, input) => input.startsWith('lazy') }),
  ].sort()
}

test('a branch that was not taken was not needed, over any number of nodes', () => {
  expect(found('5.lazy1<4 5.lazy2<3 4.a<2 2.a<1', '5 3')).toEqual(['1', '2', '4'])
})

test('what something else needed as well, or would have, is none of it', () => {
  expect(found('5.lazy1<4 5.lazy2<3 4.a<1 3.a<1', '5 3 1')).toEqual(['4'])
  expect(found('5.lazy1<4 6.a<4', '5')).toEqual([])
})

test('nothing is said of what no run took, nor of what feeds no lazy input', () => {
  expect(found('5.lazy1<4', '')).toEqual([])
  expect(found('5.a<4', '5')).toEqual([])
})
