import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { inputType, nodeType, outputType } from '../catalogue/toys'
import { editorWith } from '../editor/testing'
import { copySelection, duplicate, pasteFromMenu } from './clipboard'
import { addNodeFor } from './wiring'

const load = nodeType('Load', [], [outputType('image')])
const blur = nodeType('Blur', [inputType('image')], [outputType('image')])

// a browser that does not let the page reach its clipboard
beforeAll(() => vi.stubGlobal('navigator', {}))
afterAll(() => vi.unstubAllGlobals())

/** Two nodes, the second of which reads the first and is selected. */
function wired() {
  const editor = editorWith([load, blur])
  const first = addNodeFor(editor, load, [0, 0], null)
  const second = addNodeFor(editor, blur, [400, 0], { node: first, socket: 'image', side: 'output' })
  editor.ui.select([second])
  const types = () => Object.values(editor.doc.getState().body.nodes).map((node) => node.type)
  const selected = () => [...editor.ui.getState().selected]
  const inputs = (id: string | undefined) => editor.doc.getState().body.nodes[id ?? '']?.inputs
  return { editor, first, second, types, selected, inputs }
}

test('a duplicate gets what its original gets', () => {
  const { editor, first, second, selected, inputs } = wired()
  duplicate(editor)
  expect(selected()).not.toContain(second)
  expect(inputs(selected()[0])).toEqual({ image: { from: [first, 'image'] } })
})

test('a copy is pasted without the wires from other nodes, unless they are asked for', async () => {
  const { editor, first, selected, inputs } = wired()
  await copySelection(editor)
  await pasteFromMenu(editor)
  expect(inputs(selected()[0]) ?? {}).toEqual({})
  await pasteFromMenu(editor, true)
  expect(inputs(selected()[0])).toEqual({ image: { from: [first, 'image'] } })
})

test('copies of a copy do not cover each other', async () => {
  const { editor, selected } = wired()
  await copySelection(editor)
  const places: unknown[] = []
  for (let times = 0; times < 3; times++) {
    await pasteFromMenu(editor)
    places.push(editor.doc.getState().body.nodes[selected()[0] ?? '']?.position)
  }
  expect(new Set(places.map(String)).size).toBe(3)
})

test('what is cut is gone, and comes back by paste or by undo', async () => {
  const { editor, types } = wired()
  await copySelection(editor, true)
  expect(types()).toEqual(['Load'])
  await pasteFromMenu(editor)
  expect(types()).toEqual(['Load', 'Blur'])
  editor.doc.undo()
  editor.doc.undo()
  expect(types()).toEqual(['Load', 'Blur'])
})

test('a clipboard that the browser does not open works in its own editor only', async () => {
  const [one, other] = [wired(), wired()]
  await copySelection(one.editor)
  expect(one.editor.ui.getState().toasts.at(-1)?.text).toBe('Copied for this tab only')
  await pasteFromMenu(one.editor)
  await pasteFromMenu(other.editor)
  expect(one.types()).toEqual(['Load', 'Blur', 'Blur'])
  expect(other.types()).toEqual(['Load', 'Blur'])
  expect(other.editor.ui.getState().toasts.at(-1)?.text).toBe('There is nothing to paste')
})
