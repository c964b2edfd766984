import { expect, test } from 'vitest'
import { createAccess } from '../api/access'
import { ApiFailure, createHttp, type Http } from '../api/http'
import type { InputType, ModelInfo } from '../api/types'
import { nodeType } from '../catalogue/toys'
import { editorWith } from '../editor/testing'
import { fetchModels, overrideModel, placeFor, putModel } from './models'

const file: InputType = {
  name: 'vae_name',
  type: 'COMBO',
  title: 'VAE',
  tooltip: '',
  optional: false,
  advanced: false,
  accepts: ['COMBO'],
  widget: { kind: 'file', folder: 'vae', upload: '', fits: ['vae'] },
}
const loader = { ...nodeType('VAELoader', []), inputs: [file] }
const vae = {
  folder: 'vae',
  name: 'sub/ae.safetensors',
  kind: 'vae',
  problem: '',
  belongs: '',
} as ModelInfo

const typesIn = ({ doc }: ReturnType<typeof editorWith>) =>
  Object.values(doc.getState().body.nodes).map(({ type, inputs }) => [type, inputs?.vae_name])

test('a model goes into a new node that loads it, in one step', () => {
  const editor = editorWith([nodeType('Other', []), loader])
  putModel(editor, vae)
  expect(typesIn(editor)).toEqual([['VAELoader', 'sub/ae.safetensors']])
  expect(editor.ui.getState().selected.size).toBe(1)
  editor.doc.undo()
  expect(typesIn(editor)).toEqual([])
})

test('a model goes into the selected node when that loads such files', () => {
  const editor = editorWith([loader])
  putModel(editor, vae)
  putModel(editor, { ...vae, name: 'other.safetensors' })
  expect(typesIn(editor)).toEqual([['VAELoader', 'other.safetensors']])
  editor.ui.select([])
  expect(placeFor(editor, vae)?.node).toBeUndefined()
  putModel(editor, vae)
  expect(typesIn(editor)).toHaveLength(2)
})

test('a model that no node loads has no place, and nothing happens', () => {
  const editor = editorWith([loader])
  putModel(editor, { ...vae, kind: 'lora' })
  expect(placeFor(editor, { ...vae, problem: 'It is cut off.' })).toBeNull()
  expect(typesIn(editor)).toEqual([])
})

test('a list that did not change stays the same object, and one that did reaches the file fields', async () => {
  const asked: [string, Record<string, string>][] = []
  let status = 200
  const http: Http = {
    ...createHttp(createAccess()),
    get: async (path, headers = {}) => {
      asked.push([path, headers])
      const body = status === 304 ? null : JSON.stringify({ models: [] })
      return new Response(body, { status, headers: { ETag: `"${asked.length}"` } })
    },
    json: async <T>(path: string) => {
      asked.push([path, {}])
      return { names: [], left_out: [] } as T
    },
  }
  const editor = editorWith([loader], { http })
  editor.catalogue.wanted.add('vae?vae')
  const first = await fetchModels(editor, null)
  expect(first.etag).toBe('"1"')
  status = 304
  expect(await fetchModels(editor, first)).toBe(first)
  expect(asked[1]).toEqual(['/models', { 'If-None-Match': '"1"' }])
  status = 200
  expect(await fetchModels(editor, first)).not.toBe(first)
  expect(asked.map(([path]) => path).slice(2)).toEqual(['/models', '/choices/vae?fits=vae'])
})

test('what is refused is said, and nothing counts as changed', async () => {
  const error = { code: 'no_such_model', message: 'There is no family x.', remedy: 'Use another.' }
  const http: Http = {
    ...createHttp(createAccess()),
    post: () => Promise.reject(new ApiFailure(422, error)),
  }
  const editor = editorWith([loader], { http })
  expect(await overrideModel(editor, { folder: 'vae', name: 'a', family: 'x' })).toBeNull()
  const [toast] = editor.ui.getState().toasts
  expect([toast?.text, toast?.detail]).toEqual(['There is no family x.', 'Use another.'])
})
