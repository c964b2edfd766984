import { expect, test } from 'vitest'
import { addNodeFor } from '../actions/wiring'
import { nodeType } from '../catalogue/toys'
import type { Editor } from '../editor/editor'
import { editorWith } from '../editor/testing'
import { registerAll } from './all'

const load = nodeType('Load', [])
const types = ({ doc }: Editor) => Object.values(doc.getState().body.nodes).map((node) => node.type)

const withTwoNodes = () => {
  const editor = editorWith([load])
  registerAll(editor)
  addNodeFor(editor, load, [0, 0], null)
  addNodeFor(editor, load, [400, 0], null)
  return editor
}

test('commands change the editor that they were registered for, and no other', () => {
  const [one, other] = [withTwoNodes(), withTwoNodes()]
  one.commands.perform('edit.selectAll')
  one.commands.perform('edit.delete')
  expect([types(one), types(other)]).toEqual([[], ['Load', 'Load']])
})

test('a command is unavailable where it makes no sense', () => {
  const editor = withTwoNodes()
  expect(editor.commands.isAvailable('edit.delete')).toBe(false)
  editor.commands.perform('edit.selectAll')
  expect(editor.commands.isAvailable('edit.delete')).toBe(true)
})

test('no two commands have the same keys', () => {
  const { commands } = withTwoNodes()
  const keys = commands.all().flatMap((command) => command.keys ?? [])
  expect(keys).toEqual([...new Set(keys)])
})
