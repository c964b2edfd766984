import { expect, test, vi } from 'vitest'
import type { NodeType } from '../api/types'
import * as compatibility from '../catalogue/compatibility'
import { inputType, nodeType, outputType } from '../catalogue/toys'
import { editorWith } from '../editor/testing'
import { addNodeFor, join } from './wiring'

const { canFeed } = await vi.importActual<typeof compatibility>('../catalogue/compatibility')
vi.mock(import('../catalogue/compatibility'), { spy: true })

const load = nodeType('Load', [], [outputType('image')])
const blur = nodeType('Blur', [inputType('image')], [outputType('image')])
const mix = nodeType('Mix', [inputType('latent', { type: 'LATENT' })])

const wired = (second: NodeType) => {
  const editor = editorWith([load, second])
  const from = addNodeFor(editor, load, [0, 0], null)
  const to = addNodeFor(editor, second, [400, 0], null)
  const input = second.inputs[0]?.name ?? ''
  const done = join(
    editor,
    { node: from, socket: 'image', side: 'output' },
    { node: to, socket: input, side: 'input' },
  )
  return { editor, done, value: editor.doc.getState().body.nodes[to]?.inputs?.[input], from }
}

test('a wire that fits is drawn', () => {
  const { editor, done, value, from } = wired(blur)
  expect(done).toBe(true)
  expect(value).toEqual({ from: [from, 'image'] })
  expect(editor.flow.getState().edges).toHaveLength(1)
})

test('a wire that does not fit is refused with a reason', () => {
  const { editor, done, value } = wired(mix)
  expect([done, value]).toEqual([false, undefined])
  expect(editor.ui.getState().toasts[0]?.text).toBe('These two do not fit')
})

test('what a node does with a stream is said, whatever the words of the answer are', () => {
  const many = nodeType('Many', [], [{ ...outputType('image'), each: true }])
  const collect = nodeType('Collect', [inputType('images', { collects: true })])
  const toasts = (second: NodeType) => {
    const editor = editorWith([many, second])
    const from = addNodeFor(editor, many, [0, 0], null)
    const to = addNodeFor(editor, second, [400, 0], null)
    const end = { node: to, socket: second.inputs[0]?.name ?? '', side: 'input' } as const
    expect(join(editor, { node: from, socket: 'image', side: 'output' }, end)).toBe(true)
    return editor.ui.getState().toasts.map(({ text }) => text)
  }
  for (const words of [null, 'sagt etwas anderes', '']) {
    if (words !== null)
      vi.mocked(compatibility.canFeed).mockImplementation((...ends) => ({
        ...canFeed(...ends),
        reason: words,
      }))
    expect(toasts(blur)).toEqual(['“Blur” now runs once for each item'])
    expect(toasts(collect)).toEqual([])
  }
  vi.mocked(compatibility.canFeed).mockImplementation(canFeed)
})

test('a new node takes the loose end that asked for it, as one step', () => {
  const editor = editorWith([load, blur])
  const from = addNodeFor(editor, load, [0, 0], null)
  const to = addNodeFor(editor, blur, [400, 0], { node: from, socket: 'image', side: 'output' })
  expect(editor.doc.getState().body.nodes[to]?.inputs).toEqual({ image: { from: [from, 'image'] } })
  editor.doc.undo()
  expect(editor.doc.getState().body.order).toEqual([from])
})
