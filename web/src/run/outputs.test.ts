import { afterEach, expect, test, vi } from 'vitest'
import { createAccess } from '../api/access'
import { createHttp } from '../api/http'
import type { Output } from '../api/types'
import { createUi } from '../state/ui'
import { loadOutputs, merged, readdressed } from './outputs'
import { createRunStore } from './store'

afterEach(() => vi.unstubAllGlobals())

const output = (id: number, url = `files/output/${id}.png?v=1`) =>
  ({ id, created: id, url }) as unknown as Output
const asked = new Set([1, 2, 3, 4, 5])
const ids = (outputs: readonly Output[]) => outputs.map(({ id }) => id)

test('a file that was written over is shown by its new address', () => {
  const [first] = merged([output(2), output(1)], [output(2, 'files/output/2.png?v=2')], {
    isAll: true,
    asked,
  })
  expect(first?.url).toBe('files/output/2.png?v=2')
})

test('what is gone from the newest page is gone, and older pictures stay unless it is all there is', () => {
  const known = [output(5), output(4), output(3), output(2), output(1)]
  const page = [output(5), output(3)]
  expect(ids(merged(known, page, { isAll: false, asked }))).toEqual([5, 3, 2, 1])
  expect(ids(merged(known, page, { isAll: true, asked }))).toEqual([5, 3])
  expect(ids(merged(known, [], { isAll: true, asked }))).toEqual([])
})

test('what came while the page was on its way stays', () => {
  expect(ids(merged([output(9), output(5)], [output(5)], { isAll: true, asked }))).toEqual([9, 5])
})

test('an older page is added below, and takes nothing away', () => {
  expect(ids(merged([output(5), output(4)], [output(3), output(1)], null))).toEqual([5, 4, 3, 1])
})

test('the pictures on nodes follow the addresses of their files, and stay the same objects when nothing changed', () => {
  const [old, other] = ['1', '2'].map((name) => ({
    folder: 'output',
    name,
    media: 'image/png',
    url: name,
    thumbnail: '',
  }))
  if (!old || !other) throw new Error('two were made')
  const state = { pictures: { '3': [old], '4': [other] }, newest: old }
  expect(readdressed(state, [{ ...old, id: 1 } as unknown as Output])).toEqual({})
  const now = readdressed(state, [{ ...old, id: 1, url: '1?v=2' } as unknown as Output])
  expect(now.pictures?.['3']?.[0]?.url).toBe('1?v=2')
  expect(now.newest).toBe(now.pictures?.['3']?.[0])
  expect(now.pictures?.['4']).toBe(state.pictures['4'])
})

test('pages are asked for by what the one before gave, until there is no more', async () => {
  const run = createRunStore()
  const parts = { run, ui: createUi(), http: createHttp(createAccess()) }
  const cursors: (string | undefined)[] = []
  const pages = {
    first: { outputs: [output(9)], next: 7 },
    '7': { outputs: [], next: 4 },
    '4': { outputs: [output(3)], next: null },
  }
  vi.stubGlobal('fetch', (path: string) => {
    const cursor = /before=(\d+)/.exec(path)?.[1]
    cursors.push(cursor)
    return Promise.resolve(new Response(JSON.stringify(pages[(cursor ?? 'first') as keyof typeof pages])))
  })
  expect(await loadOutputs(parts)).toBe(true)
  expect(await loadOutputs(parts, true)).toBe(true)
  expect(await loadOutputs(parts)).toBe(true)
  expect(await loadOutputs(parts, true)).toBe(false)
  expect(cursors).toEqual([undefined, '7', undefined, '4'])
  expect(ids(run.getState().outputs)).toEqual([9, 3])
})
