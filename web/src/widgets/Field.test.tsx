import { expect, test } from 'vitest'
import { addNodeFor } from '../actions/wiring'
import { inputType, nodeType, outputType } from '../catalogue/toys'
import { setInput } from '../document/edits'
import { editorWith, rendered } from '../editor/testing'
import { Field } from './Field'

const steps = inputType('steps', {
  type: 'INT',
  title: 'Steps',
  default: 20,
  widget: { kind: 'number', min: 1, max: 100, step: 1 } as never,
})
const sample = nodeType('Sample', [inputType('image'), steps], [outputType('image')])

function editorWithSteps(value: number) {
  const editor = editorWith([sample])
  const id = addNodeFor(editor, sample, [0, 0], null)
  editor.doc.commit('Set', (body) => setInput(body, id, 'steps', value))
  return { editor, id }
}

test('a field shows the value of the editor that it belongs to', () => {
  const [one, other] = [editorWithSteps(7), editorWithSteps(30)].map(({ editor, id }) =>
    rendered(editor, <Field id={id} input={steps} wired={false} height={28} />),
  )
  expect(one).toContain('value="7"')
  expect(other).toContain('value="30"')
  expect(one).toContain('role="spinbutton"')
})

test('the fields of two editors on one page have ids of their own', () => {
  const found = [editorWithSteps(7), editorWithSteps(7)].map(({ editor, id }) => {
    const html = rendered(editor, <Field id={id} input={steps} wired={false} height={28} />)
    return /for="([^"]+)"/.exec(html)?.[1]
  })
  expect(found[0]).not.toBe(found[1])
})
