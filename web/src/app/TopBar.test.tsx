import { expect, test } from 'vitest'
import { setTitle } from '../document/edits'
import { editorWith, rendered } from '../editor/testing'
import { initialRunState } from '../run/store'
import { TopBar } from './TopBar'
import { WorkerChip } from './WorkerChip'

test('two bars show the titles of two workflows', () => {
  const titles = ['Fox', 'Hare'].map((title) => {
    const editor = editorWith([])
    editor.doc.commit('Rename', (_, doc) => setTitle(doc, title))
    return rendered(editor, <TopBar />)
  })
  expect(titles[0]).toContain('value="Fox"')
  expect(titles[1]).toContain('value="Hare"')
})

test('the state of the worker is shown when the server is known', () => {
  const editor = editorWith([])
  expect(rendered(editor, <WorkerChip />)).toContain('Connecting')
  editor.run.setState({ ...initialRunState, online: true, worker: { state: 'ready' } as never })
  expect(rendered(editor, <WorkerChip />)).toContain('Ready')
})

test('a component outside of an editor is refused', () => {
  expect(() => rendered(null, <WorkerChip />)).toThrow('not inside an EditorProvider')
})
