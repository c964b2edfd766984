import { afterEach, expect, test, vi } from 'vitest'
import { apiAddress, pageFolder, pageKey, pictureAddress, socketAddress } from './address'

function at(href: string): void {
  vi.stubGlobal('location', new URL(href))
  const kept = new Map([
    ['jacquard.key:/', 'root'],
    ['jacquard.key:/jq/', 'inner'],
  ])
  vi.stubGlobal('localStorage', { getItem: (name: string) => kept.get(name) ?? null })
}

afterEach(() => vi.unstubAllGlobals())

test('a picture is asked for relative to the page, and with its key', () => {
  expect(pictureAddress('api/v1/files/output/a.png', 'k')).toBe('api/v1/files/output/a.png?key=k')
  expect(pictureAddress('api/v1/files/output/a.png?v=1', 'k')).toBe('api/v1/files/output/a.png?v=1&key=k')
  expect(pictureAddress('/api/v1/files/temp/a.png?v=1', 'k')).toBe('api/v1/files/temp/a.png?v=1&key=k')
})

test.each([
  ['http://127.0.0.1:8188/#launch=x', 'ws://127.0.0.1:8188/api/v1/ws', 'root'],
  ['https://box.example/jq/', 'wss://box.example/jq/api/v1/ws', 'inner'],
])('behind %s lies its websocket, opened with the key of that folder', (href, address, key) => {
  at(href)
  expect(socketAddress()).toEqual({ address, protocols: ['jacquard', `key.${key}`] })
  expect(pageKey()).toBe(key)
  expect(new URL(apiAddress('/system'), href).pathname).toBe(`${pageFolder()}api/v1/system`)
})

test('where nothing may be stored nobody is signed in', () => {
  at('http://127.0.0.1:8188/')
  vi.stubGlobal('localStorage', undefined)
  expect(pageKey()).toBe('')
})
