import { describe, expect, test } from 'vitest'
import type { RunInfo } from '../api/types'
import { nodeType, outputType } from '../catalogue/toys'
import { addNode } from '../document/edits'
import { reduceMessage } from '../run/store'
import type { Editor } from './editor'
import { editorWith } from './testing'

const load = nodeType('Load', [], [outputType('image')])
const add = ({ doc, ui }: Editor) => {
  let id = ''
  doc.commit('Add', (body) => {
    id = addNode(body, { type: 'Load', position: [0, 0] })
  })
  ui.select([id])
}

describe('two editors side by side', () => {
  test('have documents, selections and histories of their own', () => {
    const [one, other] = [editorWith([load]), editorWith([load])]
    add(one)
    expect(one.doc.getState().body.order).toHaveLength(1)
    expect(other.doc.getState().body.order).toEqual([])
    expect(one.ui.getState().selected.size).toBe(1)
    expect(other.ui.getState().selected.size).toBe(0)
    expect(other.doc.undo()).toBeNull()
    expect(one.doc.undo()).toBe('Add')
  })

  test('draw their own documents with their own node types', () => {
    const [one, other] = [editorWith([load]), editorWith([{ ...load, title: 'Open' }])]
    for (const editor of [one, other]) add(editor)
    const labels = ({ flow }: Editor) => flow.getState().nodes.map((node) => node.ariaLabel)
    expect([labels(one), labels(other)]).toEqual([['Load'], ['Open']])
  })

  test('show their own runs', () => {
    const [one, other] = [editorWith([load]), editorWith([load])]
    const run = {
      id: 'r1',
      status: 'running',
      client: 'me',
      artifacts: {},
      problems: [],
    } as unknown as RunInfo
    one.run.setState((state) => reduceMessage(state, { type: 'run', seq: 1, run }, 'me'))
    expect(one.run.getState().shown).toBe('r1')
    expect(other.run.getState().shown).toBeNull()
  })

  test('are signed out one by one', () => {
    const [one, other] = [editorWith([]), editorWith([])]
    one.access.setState({ signedOut: true })
    expect(other.access.getState().signedOut).toBe(false)
  })

  test('have commands, messages and memories of their own', () => {
    const [one, other] = [editorWith([]), editorWith([])]
    one.commands.register({ id: 'a', title: 'A', group: 'Edit', run: () => one.ui.toast('Done') })
    one.commands.perform('a')
    one.memory.clipboard.times = 3
    one.memory.filing.unsaved = true
    expect(one.ui.getState().toasts.map((entry) => entry.text)).toEqual(['Done'])
    expect(other.ui.getState().toasts).toEqual([])
    expect(other.commands.all()).toEqual([])
    expect(other.memory.clipboard.times).toBe(0)
    expect(other.memory.filing.unsaved).toBe(false)
  })
})
