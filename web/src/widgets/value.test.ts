import { expect, test } from 'vitest'
import { nodeType } from '../catalogue/toys'
import { addNode } from '../document/edits'
import { editorWith } from '../editor/testing'
import { literalOf, numberIn, setValue } from './value'

test.each([
  [undefined, 5, 5],
  [undefined, undefined, null],
  [{ from: ['1', 'IMAGE'] as [string, string] }, 5, 5],
  [{ value: { a: 1 } }, 5, { a: 1 }],
  [{ value: { from: ['1', 'IMAGE'] } }, 5, { from: ['1', 'IMAGE'] }],
  [null, 5, null],
  [0, 5, 0],
  ['', 'x', ''],
  [[1, 2], null, [1, 2]],
])('the literal of %j, by default %j, is %j', (value, fallback, expected) => {
  expect(literalOf(value, fallback)).toEqual(expected)
})

test.each([
  [3, 3, '3'],
  [2n ** 64n - 1n, 2n ** 64n - 1n, '18446744073709551615'],
  [null, null, ''],
  ['12', null, '12'],
  [true, null, 'true'],
  [[1], null, '[1]'],
])('a field for numbers that has %s holds %s and shows %s', (value, held, shown) => {
  expect(numberIn(value as never)).toEqual({ held, shown })
})

test('quick changes of one field are one step of the history, those of another field another', () => {
  const editor = editorWith([nodeType('Blur', [])])
  editor.doc.commit('Add', (body) => {
    addNode(body, { type: 'Blur' }, '1')
  })
  for (const value of ['a', 'ab', 'abc']) setValue(editor, '1', { name: 'text', title: 'Text' }, value)
  setValue(editor, '1', { name: 'more', title: 'More' }, { x: 1 })
  const { body, history } = editor.doc.getState()
  expect(body.nodes['1']?.inputs).toEqual({ text: 'abc', more: { value: { x: 1 } } })
  expect(history.past.map(({ label }) => label)).toEqual(['Add', 'Set Text', 'Set More'])
})
