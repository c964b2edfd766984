import { expect, test } from 'vitest'
import type { PackInfo } from '../api/types'
import { packMissing, packsInWords, placeOf, troubled } from './packs'

const pack = (name: string, facts: Partial<PackInfo> = {}): PackInfo => ({
  name,
  node_ids: [],
  error: '',
  details: '',
  cause: '',
  file: '',
  line: 0,
  missing: [],
  refused: [],
  changed: [],
  ...facts,
})
const good = pack('good', { node_ids: ['Good'] })
const bad = pack('bad', { error: 'it crashes', file: 'bad/a.py', line: 3, missing: ['Bad'] })
const odd = pack('odd', { changed: ['json.loads'] })
const half = pack('half', { refused: ["node 'X' is taken"] })

test('nothing is said of packs that are well', () => {
  expect(packsInWords([good])).toBe('')
  expect(troubled([good])).toEqual([])
})

test('packs that were left out come first, and are counted', () => {
  expect(troubled([odd, good, half, bad])).toEqual([bad, odd, half])
  expect(packsInWords([odd, good, bad])).toBe('1 pack left out')
  expect(packsInWords([bad, bad])).toBe('2 packs left out')
  expect(packsInWords([odd, half])).toBe('1 node left out')
  expect(packsInWords([odd, good])).toBe('1 pack put right')
})

test('a node type leads to the pack that was left out', () => {
  expect(packMissing([good, bad], 'Bad')).toBe(bad)
  expect(packMissing([good, bad], 'Good')).toBeUndefined()
})

test('a place has a line where one is known', () => {
  expect([placeOf(bad), placeOf(pack('x', { file: 'x.py' })), placeOf(good)]).toEqual([
    'bad/a.py:3',
    'x.py',
    '',
  ])
})

test('what an older server told is no trouble', () => {
  const old = [{ name: 'old', node_ids: [], error: '' } as unknown as PackInfo]
  expect([troubled(old), packsInWords(old), packMissing(old, 'X')]).toEqual([[], '', undefined])
})
