import type { NodeProps } from '@xyflow/react'
import { expect, test } from 'vitest'
import { addNodeFor } from '../actions/wiring'
import type { RunInfo } from '../api/types'
import { inputType, nodeType, outputType } from '../catalogue/toys'
import { setInput } from '../document/edits'
import { editorWith, rendered } from '../editor/testing'
import { reduceMessage } from '../run/store'
import type { OpNode } from '../scene/flowNodes'
import { NodeView } from './NodeView'

const steps = inputType('steps', {
  type: 'INT',
  title: 'Steps',
  default: 20,
  widget: { kind: 'number', min: 1, max: 100, step: 1 } as never,
})
const sample = nodeType('Sample', [inputType('image'), steps], [outputType('image')])

/** What React Flow hands to a node, as far as it is read. */
const propsOf = (id: string, selected = false) => ({ id, selected }) as unknown as NodeProps<OpNode>

function editorWithSteps(value: number) {
  const editor = editorWith([sample])
  const id = addNodeFor(editor, sample, [0, 0], null)
  editor.doc.commit('Set', (body) => setInput(body, id, 'steps', value))
  return { editor, id }
}

test('a node is rendered with its title, sockets and fields', () => {
  const { editor, id } = editorWithSteps(7)
  const html = rendered(editor, <NodeView {...propsOf(id, true)} />)
  expect(html).toContain('data-type="Sample"')
  expect(html).toContain('is-selected')
  expect(html).toContain('value="7"')
})

test('a node shows how its run went, in its own editor only', () => {
  const [one, other] = [editorWithSteps(7), editorWithSteps(7)]
  const run = { id: 'r1', status: 'running', client: 'me', artifacts: {}, problems: [] } as unknown as RunInfo
  one.editor.run.setState((state) => {
    const begun = reduceMessage(state, { type: 'run', seq: 1, run }, 'me')
    const event = { event: 'node_started', run: 'r1', node: one.id, number: 1, at: 0 } as never
    return reduceMessage(begun, { type: 'events', seq: 2, run: 'r1', events: [event] }, 'me')
  })
  const html = [one, other].map(({ editor, id }) => rendered(editor, <NodeView {...propsOf(id)} />))
  expect(html[0]).toContain('run-running')
  expect(html[1]).toContain('run-idle')
})
