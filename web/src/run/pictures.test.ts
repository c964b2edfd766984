import { describe, expect, test } from 'vitest'
import type { Artifact } from '../api/types'
import { type Brought, foremost, inOrder, NO_PICTURES, type Pictures, takePictures } from './pictures'

const picture = (url: string, ...item: number[]) =>
  ({ url, media: 'image/png', ...(item.length && { item }) }) as unknown as Artifact
const brought = (node: string, how: Brought['how'], ...artifacts: Artifact[]): Brought => ({
  node,
  how,
  artifacts,
})
const take = (before: Pictures, run: string, ...events: Brought[]) =>
  takePictures(before, run, events, () => false)
const urls = ({ pictures }: Pictures, node: string) => pictures[node]?.map(({ url }) => url)

test('items of a stream are in their order, inner ones within outer ones', () => {
  const all = [picture('c', 1, 10), picture('b', 1, 2), picture('d', 2), picture('a', 1)]
  expect(inOrder(all).map(({ url }) => url)).toEqual(['a', 'b', 'c', 'd'])
  expect(inOrder([picture('z'), picture('a')]).map(({ url }) => url)).toEqual(['z', 'a'])
})

test('the last picture speaks for a stream, the first one for a batch', () => {
  expect(foremost([picture('a', 0), picture('b', 1)])?.url).toBe('b')
  expect(foremost([picture('a'), picture('b')])?.url).toBe('a')
  expect(foremost([])).toBeNull()
})

test('a file that is no picture stays with its node, and takes no place of a picture', () => {
  const painted = take(NO_PICTURES, 'one', brought('1', 'all', picture('a')))
  const lora = { ...picture('b'), media: 'application/octet-stream' }
  const saved = take(painted, 'one', brought('2', 'all', lora))
  expect(urls(saved, '2')).toEqual(['b'])
  expect([saved.lastMaker, saved.newest?.url]).toEqual(['1', 'a'])
})

describe('pictures of a run', () => {
  test('replace those of an earlier run, and go on from the first item of their stream', () => {
    const old = take(NO_PICTURES, 'one', brought('1', 'all', picture('old')))
    const first = take(old, 'two', brought('1', 'first', picture('b', 1)))
    const next = take(first, 'two', brought('1', 'next', picture('a', 0)))
    expect(urls(next, '1')).toEqual(['a', 'b'])
    expect([next.lastMaker, next.newest?.url, next.makers['1']]).toEqual(['1', 'a', 'two'])
  })

  test('of an earlier run do not replace those of a later one', () => {
    const later = take(NO_PICTURES, 'two', brought('1', 'all', picture('new')))
    const after = takePictures(later, 'one', [brought('1', 'all', picture('late'))], (run) => run === 'two')
    expect(urls(after, '1')).toEqual(['new'])
    expect(after.newest?.url).toBe('new')
  })

  test('of a node take the place of those that nodes inside it made', () => {
    const inside = take(
      NO_PICTURES,
      'one',
      brought('7/1', 'all', picture('a')),
      brought('70/1', 'all', picture('b')),
    )
    const done = take(inside, 'one', brought('7', 'all', picture('c')))
    expect(Object.keys(done.pictures).sort()).toEqual(['7', '70/1'])
    expect(Object.keys(done.makers).sort()).toEqual(['7', '70/1'])
  })

  test('are bounded: the newest of a stream, and of nodes inside others', () => {
    const stream = Array.from({ length: 80 }, (_, at) => picture(String(at), at))
    const all = take(NO_PICTURES, 'one', brought('1', 'first', ...stream))
    expect([urls(all, '1')?.length, urls(all, '1')?.at(-1)]).toEqual([60, '79'])
    const turns = Array.from({ length: 1_200 }, (_, at) => brought(`7/turn${at}`, 'all', picture(String(at))))
    const kept = Object.keys(take(all, 'one', ...turns).pictures)
    expect(kept.length).toBe(1_001)
    expect(kept).toContain('1')
    expect(kept).toContain('7/turn1199')
    expect(kept).not.toContain('7/turn0')
  })
})
