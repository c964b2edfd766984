import { expect, test } from 'vitest'
import type { Problem } from '../api/types'
import { nodeType } from '../catalogue/toys'
import { addNode } from '../document/edits'
import { editorWith, rendered } from '../editor/testing'
import { NodeNotes } from './NodeNotes'

const problem = (message: string, more: Partial<Problem> = {}) =>
  ({ code: message, message, node: '1', ...more }) as Problem

function notes(problems: Record<string, Problem[]>) {
  const editor = editorWith([nodeType('Blur', [])])
  editor.doc.commit('Add', (body) => {
    addNode(body, { type: 'Blur' }, '1')
  })
  editor.run.setState({ problems })
  return rendered(editor, <NodeNotes id="1" />).replaceAll('<!-- -->', '')
}

test('nothing hangs below a node without a problem', () => {
  expect(notes({})).toBe('')
  expect(notes({ 2: [problem('elsewhere')] })).toBe('')
})

test('a problem shows message, what was expected, and the remedy, as sentences', () => {
  const html = notes({
    1: [
      problem('the radius is wrong', {
        expected: 'a number',
        got: 'text',
        remedy: 'type a number',
        socket: 'radius',
      }),
    ],
  })
  expect(html).toContain('<strong>The radius is wrong.</strong>')
  expect(html).toContain('Expected a number; got text.')
  expect(html).toContain('<p>Type a number.</p>')
  expect(html).toMatch(/id="[^"]*problem-1-radius"/)
})

test('of many problems the first three are shown and the others counted', () => {
  const html = notes({ 1: ['a', 'b', 'c', 'd', 'e'].map((message) => problem(message)) })
  expect(html.match(/<strong>/g)).toHaveLength(3)
  expect(html).toContain('and 2 more problems')
})

test('a problem of a node inside leads there, and is not taken for one of a field', () => {
  const html = notes({ '1/4': [problem('broken', { inner: '4', socket: 'radius' })] })
  expect(html).toContain('Inside, at')
  expect(html).not.toMatch(/id="[^"]*problem-1/)
})
