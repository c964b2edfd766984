import { expect, test } from 'vitest'
import { createAccess } from '../api/access'
import { ApiFailure, createHttp, type Http } from '../api/http'
import { nodeType } from '../catalogue/toys'
import { editorWith } from '../editor/testing'
import { run } from './run'
import { addNodeFor } from './wiring'

const load = nodeType('Load', [])

test('a run is handed to the server that the editor was given', async () => {
  const posted: [string, string][] = []
  const http: Http = {
    ...createHttp(createAccess()),
    post: async (path, body = '') => {
      posted.push([path, body])
      return new Response(JSON.stringify({ run: { id: 'r1', status: 'queued', client: ':test' } }))
    },
  }
  const editor = editorWith([load], { http })
  addNodeFor(editor, load, [0, 0], null)
  await run(editor)
  expect(posted.map(([path]) => path)).toEqual(['/runs'])
  expect(JSON.parse(posted[0]?.[1] ?? '').client).toBe(':test')
  expect(editor.run.getState().queue).toEqual(['r1'])
})

test('a run that is refused leaves its problems on the nodes', async () => {
  const problem = { code: 'input_missing', message: 'The input is missing.', node: '1', socket: 'image' }
  const http: Http = {
    ...createHttp(createAccess()),
    post: () => Promise.reject(new ApiFailure(400, { code: 'refused', message: '', problems: [problem] })),
  }
  const editor = editorWith([load], { http })
  await run(editor)
  expect(editor.run.getState().problems).toEqual({ '1': [problem] })
})
