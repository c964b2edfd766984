import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createAccess } from '../api/access'
import { ApiFailure, createHttp, type Http } from '../api/http'
import { setTitle } from '../document/edits'
import { writeDoc } from '../document/file'
import { emptyDoc } from '../document/types'
import { editorWith } from '../editor/testing'
import { keepSaved, openSaved, save, saveAs, takeTheirs } from './saved'

/** A server with saved workflows, which compares ETags as the real one does. */
class Files {
  readonly held = new Map<string, { text: string; etag: string }>()
  readonly http: Http = {
    ...createHttp(createAccess()),
    get: async (path) => {
      const file = this.held.get(path)
      if (!file) throw new ApiFailure(404, { code: 'not_found', message: 'It is not there.' })
      return new Response(file.text, { headers: { ETag: file.etag } })
    },
    put: async (path, text, headers) => {
      const now = this.held.get(path)?.etag
      const isFree = headers['If-None-Match'] === '*' && now !== undefined
      if (isFree || (headers['If-Match'] !== undefined && headers['If-Match'] !== now))
        throw new ApiFailure(412, { code: 'changed', message: 'It was changed.' })
      return new Response(JSON.stringify({ etag: this.write(path, text) }))
    },
  }

  write(path: string, text: string): string {
    const etag = `"${Number(this.held.get(path)?.etag.slice(1, -1) ?? 0) + 1}"`
    this.held.set(path, { text, etag })
    return etag
  }
}

const PLACE = '/workflows/fox.json'
const titled = (title: string) => writeDoc({ ...emptyDoc(), title })
let files: Files

function open() {
  const editor = editorWith([], { http: files.http })
  const rename = (title: string) => editor.doc.commit('Rename', (_, doc) => setTitle(doc, title))
  const title = () => editor.doc.getState().doc.title
  const state = () => editor.saving.getState().state
  return { editor, rename, title, state }
}

beforeEach(() => {
  files = new Files()
  vi.useFakeTimers()
})
afterEach(() => vi.useRealTimers())

test('a workflow without a path is not saved', async () => {
  expect(await save(open().editor)).toBe(false)
  expect(files.held.size).toBe(0)
})

test('saved again it is written over the version that it grew from', async () => {
  const { editor, rename, state } = open()
  rename('Fox')
  expect(await saveAs(editor, 'fox.json', false)).toBe(true)
  rename('Vixen')
  expect(await save(editor)).toBe(true)
  expect([files.held.get(PLACE)?.etag, state()]).toEqual(['"2"', 'saved'])
  expect(files.held.get(PLACE)?.text).toContain('Vixen')
})

test('what others saved meanwhile is not written over until a person says so', async () => {
  const { editor, rename, state } = open()
  await saveAs(editor, 'fox.json', false)
  files.write(PLACE, titled('Theirs'))
  rename('Mine')
  expect(await save(editor)).toBe(false)
  expect([state(), editor.ui.getState().dialog]).toEqual(['conflict', 'conflict'])
  expect(files.held.get(PLACE)?.text).toContain('Theirs')
  expect(await save(editor, true)).toBe(true)
  expect(files.held.get(PLACE)?.text).toContain('Mine')
})

test('their version is taken as a step that undo takes back', async () => {
  const { editor, rename, title } = open()
  await saveAs(editor, 'fox.json', false)
  rename('Mine')
  files.write(PLACE, titled('Theirs'))
  await takeTheirs(editor)
  expect(title()).toBe('Theirs')
  editor.doc.undo()
  expect(title()).toBe('Mine')
})

test('a name that is taken is refused, and the path stays as it was', async () => {
  const { editor, state } = open()
  files.write(PLACE, titled('Theirs'))
  expect(await saveAs(editor, 'fox.json', false)).toBe(false)
  expect(state()).toBe('conflict')
})

test('without a server it is not saved, and a message says where it is kept', async () => {
  const { editor, state } = open()
  files.http.put = () => Promise.reject(new ApiFailure(0, { code: 'offline', message: 'No answer.' }))
  expect(await saveAs(editor, 'fox.json', false)).toBe(false)
  expect([state(), editor.doc.getState().origin.path]).toEqual(['failed', ''])
  expect(editor.ui.getState().toasts[0]?.text).toBe('The workflow could not be saved')
})

test('undo across an open comes back to a workflow with its own file', async () => {
  const { editor, rename, state } = open()
  keepSaved(editor)
  await saveAs(editor, 'fox.json', false)
  files.write('/workflows/hare.json', titled('Hare'))
  await openSaved(editor, 'hare.json')
  expect(editor.memory.filing.etag).toBe('"1"')
  editor.doc.undo()
  rename('Vixen')
  expect(await save(editor)).toBe(true)
  expect(files.held.get(PLACE)?.etag).toBe('"2"')
  expect(state()).toBe('saved')
})

test('edits by hand are saved by themselves a moment later', async () => {
  const { editor, rename, state } = open()
  keepSaved(editor)
  await saveAs(editor, 'fox.json', false)
  rename('Vixen')
  expect(state()).toBe('waiting')
  await vi.advanceTimersByTimeAsync(3000)
  expect(state()).toBe('saved')
  expect(files.held.get(PLACE)?.text).toContain('Vixen')
})

test('two editors with the same file meet as a conflict', async () => {
  const [one, other] = [open(), open()]
  await saveAs(one.editor, 'fox.json', false)
  await openSaved(other.editor, 'fox.json')
  one.rename('One')
  await save(one.editor)
  other.rename('Other')
  await save(other.editor)
  expect([one.state(), other.state()]).toEqual(['saved', 'conflict'])
})
