import { expect, test } from 'vitest'
import { inputType, nodeType, outputType } from '../catalogue/toys'
import { editorWith } from '../editor/testing'
import { crumbs, followPath, goTo, leaveTo, openNode, placeOf, titleOfPath } from './enter'
import { makeSub } from './subworkflows'
import { addNodeFor } from './wiring'

const load = nodeType('Load', [], [outputType('image')])
const blur = nodeType('Blur', [inputType('image')], [outputType('image')])

/** A node that feeds an instance of a sub-workflow with one node inside. */
function withSub() {
  const editor = editorWith([load, blur])
  const first = addNodeFor(editor, load, [0, 0], null)
  const inner = addNodeFor(editor, blur, [400, 0], { node: first, socket: 'image', side: 'output' })
  editor.ui.select([inner])
  makeSub(editor)
  const [instance] = [...editor.ui.getState().selected] as [string]
  const path = () => editor.doc.getState().path.map((place) => place.node)
  return { editor, first, instance, inner: innerOf(editor, instance), path }
}

function innerOf(editor: ReturnType<typeof editorWith>, instance: string): string {
  const { doc } = editor.doc.getState()
  return doc.subs[placeOf(editor, instance)?.sub ?? '']?.order[0] ?? ''
}

test('an instance opens its definition, and leaving selects it', () => {
  const { editor, instance, inner, path } = withSub()
  expect(openNode(editor, instance)).toBe(true)
  expect(path()).toEqual([instance])
  expect(editor.doc.getState().body.order).toEqual([inner])
  leaveTo(editor, 0)
  expect(path()).toEqual([])
  expect([...editor.ui.getState().selected]).toEqual([instance])
})

test('a node without a sub-workflow opens nothing', () => {
  const { editor, first, path } = withSub()
  expect(placeOf(editor, first)).toBeNull()
  expect(openNode(editor, first)).toBe(false)
  expect(path()).toEqual([])
})

test('the path of a run leads to the node inside', () => {
  const { editor, instance, inner, path } = withSub()
  goTo(editor, `${instance}/${inner}`)
  expect(path()).toEqual([instance])
  expect([...editor.ui.getState().selected]).toEqual([inner])
  expect(titleOfPath(editor, `${instance}/${inner}`)).toMatch(/ › Blur$/)
  expect(crumbs(editor, editor.doc.getState().path)).toHaveLength(1)
})

test('undo goes to the sub-workflow in which the edit was made', () => {
  const { editor, instance, path } = withSub()
  openNode(editor, instance)
  addNodeFor(editor, load, [0, 0], null)
  leaveTo(editor, 0)
  followPath(editor, editor.doc.undo)
  expect(path()).toEqual([instance])
  expect(editor.doc.getState().body.order).toHaveLength(1)
})

test('two editors are inside of different sub-workflows', () => {
  const [one, other] = [withSub(), withSub()]
  openNode(one.editor, one.instance)
  expect(one.path()).toHaveLength(1)
  expect(other.path()).toEqual([])
})
