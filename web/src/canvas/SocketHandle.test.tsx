import { expect, test } from 'vitest'
import { inputType, nodeType, outputType } from '../catalogue/toys'
import { addNode, connect } from '../document/edits'
import { editorWith, rendered } from '../editor/testing'
import type { Socket } from '../scene/geometry'
import type { WireEnd } from '../state/ui'
import { SocketHandle } from './SocketHandle'

const types = [
  nodeType('Load', [], [outputType('IMAGE')]),
  nodeType('Blur', [inputType('image')], [outputType('IMAGE')]),
  nodeType('Count', [inputType('value', { type: 'INT', accepts: ['INT'] })], [outputType('INT', 'INT')]),
]
const socket = (name: string, more: Partial<Socket> = {}): Socket => ({
  name,
  title: name,
  type: 'IMAGE',
  tooltip: '',
  y: 60,
  ...more,
})

function handle(of: Socket, connecting: WireEnd | null = null, node = '2') {
  const editor = editorWith(types)
  editor.doc.commit('Add', (body) => {
    for (const [id, type] of [
      ['1', 'Load'],
      ['2', 'Blur'],
      ['3', 'Count'],
    ] as const)
      addNode(body, { type }, id)
    connect(body, '1', 'IMAGE', '2', 'image')
  })
  editor.ui.setState({ connecting })
  return rendered(editor, <SocketHandle node={node} socket={of} side="input" />)
}
const aim = (html: string) => /aim-(\w+)/.exec(html)?.[1]

test('a socket is a button named after itself, its node and its type', () => {
  const html = handle(socket('image', { each: true, lazy: true, collects: true }))
  expect(html).toContain('role="button"')
  expect(html).toContain('aria-label="Input image of Blur, type IMAGE, a stream, only when needed, collects"')
  expect(html).toMatch(/is-square.*is-each is-lazy is-collecting/)
  expect(html).toContain('top:60px')
})

test('while a wire is drawn, a socket shows whether it may end there', () => {
  const from = (node: string, name: string): WireEnd => ({ node, socket: name, side: 'output' })
  const number = socket('value', { type: 'INT' })
  expect(aim(handle(socket('image')))).toBe('rest')
  expect(aim(handle(socket('image'), from('1', 'IMAGE')))).toBe('fits')
  expect(aim(handle(number, from('1', 'IMAGE'), '3'))).toBe('refuses')
  expect(aim(handle(socket('image'), from('2', 'IMAGE')))).toBe('refuses') // a circle
  expect(aim(handle(socket('image'), { node: '2', socket: 'image', side: 'input' }))).toBe('start')
})
