import { expect, test } from 'vitest'
import { nodeType } from '../catalogue/toys'
import { addNode } from '../document/edits'
import { editorWith } from '../editor/testing'
import { commitDrag } from './drag'

test('the end of a drag is one step, and one without a move is none', () => {
  const editor = editorWith([nodeType('Blur', [])])
  editor.doc.commit('Add', (body) => {
    for (const id of ['1', '2']) addNode(body, { type: 'Blur', position: [0, 0] }, id)
  })
  commitDrag(editor)
  expect(editor.doc.getState().history.past).toHaveLength(1)
  editor.ui.setState({ moving: { 1: [10.4, 20], 2: [30, 40] } })
  commitDrag(editor)
  const { body, history } = editor.doc.getState()
  expect([body.nodes['1']?.position, body.nodes['2']?.position]).toEqual([
    [10, 20],
    [30, 40],
  ])
  expect(history.past).toHaveLength(2)
  expect(editor.ui.getState().moving).toEqual({})
})
