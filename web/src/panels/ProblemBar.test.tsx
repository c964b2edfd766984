import { expect, test } from 'vitest'
import { editorWith, rendered } from '../editor/testing'
import { ProblemBar } from './ProblemBar'

test('a problem is listed until there is none', () => {
  const editor = editorWith([])
  expect(rendered(editor, <ProblemBar />)).toBe('')
  editor.run.setState({ problems: { '1': [{ code: 'x', message: 'The input is missing.', node: '1' }] } })
  expect(rendered(editor, <ProblemBar />)).toContain('The input is missing.')
})
