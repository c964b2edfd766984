import { expect, test } from 'vitest'
import { emptyDoc, type Sub } from '../document/types'
import { scopeOf } from '../subworkflows/runPaths'
import { statesOf } from './states'

const turn: Sub = { nodes: { 3: { type: 'Count' } }, order: ['3'], inputs: [], outputs: [], rest: {} }
const doc = { ...emptyDoc(), nodes: { 9: { type: 'ForEach', inputs: { body: 'turn' } } }, subs: { turn } }

test('inside a loop the round stands that was touched last', () => {
  const path = [{ node: '9', sub: 'turn', input: 'body' }]
  const latestIn = (...ids: string[]) => {
    const { groups } = statesOf(Object.fromEntries(ids.map((id) => [id, { state: 'finished' as const }])))
    return (runPath: string) => groups[runPath]?.latest
  }
  expect(scopeOf(doc, path, latestIn('9/turn0/3', '9/turn1/3', '9/join'))).toBe('9/turn1/')
  expect(scopeOf(doc, path, latestIn('9/turn/3', '9/next/turn/3'))).toBe('9/next/turn/')
  expect(scopeOf(doc, path, latestIn())).toBe('9/?/')
  expect(scopeOf(doc, [{ node: '7', sub: 'up' }], latestIn())).toBe('7/')
})
