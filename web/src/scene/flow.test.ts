import { describe, expect, test } from 'vitest'
import { createCatalogue } from '../catalogue/store'
import { inputType, nodeType, outputType } from '../catalogue/toys'
import { addNode, connect, setInput } from '../document/edits'
import { createDocStore } from '../document/store'
import { isSub } from '../document/subworkflows'
import { emptyDoc } from '../document/types'
import { createUi } from '../state/ui'
import { createTypes } from '../subworkflows/lookup'
import { createFlow } from './flow'
import { edgeEnd } from './flowEdges'
import { INPUTS, OUTPUTS } from './flowNodes'

const SEED = { kind: 'seed', min: 0, max: 9, step: 1 } as const
const BLUR = nodeType(
  'Blur',
  [inputType('image'), inputType('radius', { type: 'INT', widget: SEED })],
  [outputType('image')],
)

/** Two nodes, the second of which reads the first. */
function twoNodes() {
  const [doc, catalogue, ui] = [createDocStore(), createCatalogue(), createUi()]
  const types = createTypes(doc, catalogue)
  const flow = createFlow({ doc, catalogue, types, ui, fieldSizes: () => ({ height: 30, stretches: false }) })
  catalogue.setTypes({ nodes: [BLUR], packs: [] })
  doc.load({ doc: emptyDoc(), origin: { path: '', key: 'k' } })
  const ids: string[] = []
  doc.commit('Add', (body) => {
    for (const x of [0, 400]) ids.push(addNode(body, { type: 'Blur', position: [x, 0] }))
    connect(body, ids[0] as string, 'image', ids[1] as string, 'image')
  })
  flow.start()
  const [first, second] = ids as [string, string]
  const node = (id: string) => flow.getState().nodes.find((one) => one.id === id)
  return { doc, catalogue, ui, flow, first, second, node }
}

describe('nodes and edges', () => {
  test('come from the document', () => {
    const { flow, first, second } = twoNodes()
    const { nodes, edges } = flow.getState()
    expect(nodes.map(({ id, position }) => [id, position.x])).toEqual([
      [first, 0],
      [second, 400],
    ])
    expect(edges.map(({ source, target }) => [source, target])).toEqual([[first, second]])
    expect(edgeEnd(edges[0]?.id ?? '')).toEqual([second, 'image', undefined])
  })

  test('stay the same objects while nothing about them changes', () => {
    const { doc, flow, first, second, node } = twoNodes()
    const before = [node(first), node(second), flow.getState().edges[0]]
    doc.commit('Add', (body) => {
      addNode(body, { type: 'Blur', position: [800, 0] })
    })
    expect([node(first), node(second), flow.getState().edges[0]]).toEqual(before)
    expect(node(first)).toBe(before[0])
    expect(flow.getState().edges[0]).toBe(before[2])
  })

  test('are not touched by a value that changes no size', () => {
    const { doc, flow, first } = twoNodes()
    const before = flow.getState()
    doc.commit('Set', (body) => setInput(body, first, 'radius', 3))
    expect(flow.getState().nodes).toBe(before.nodes)
  })

  test('follow each change of a wire, and no other change of a value', () => {
    const { doc, flow, first, second } = twoNodes()
    const drawn = () => flow.getState().edges.map(({ source, target }) => [source, target])
    const before = flow.getState().edges
    doc.commit('Set', (body) => setInput(body, second, 'radius', 3))
    expect(flow.getState().edges).toBe(before)
    doc.commit('Lead', (body) => connect(body, first, 'image', second, 'radius'))
    expect(drawn()).toHaveLength(2)
    doc.commit('Set', (body) => setInput(body, second, 'image', null))
    expect(drawn()).toEqual([[first, second]])
    doc.undo()
    expect(drawn()).toHaveLength(2)
    doc.commit('Turn', (body) => {
      connect(body, second, 'image', first, 'image')
      setInput(body, second, 'image', null)
    })
    expect(drawn()).toEqual([
      [second, first],
      [first, second],
    ])
    doc.commit('Set', (body) => {
      setInput(body, first, 'image', null)
      setInput(body, second, 'radius', 3)
    })
    expect(drawn()).toEqual([])
  })

  test('follow a drag without a change of the document', () => {
    const { doc, ui, first, second, node } = twoNodes()
    const [version, other] = [doc.getState().version, node(second)]
    ui.setState({ moving: { [first]: [50, 60] } })
    expect(node(first)?.position).toEqual({ x: 50, y: 60 })
    expect(node(second)).toBe(other)
    expect(doc.getState().version).toBe(version)
  })

  test('show the selection', () => {
    const { ui, flow, first, node } = twoNodes()
    const edge = flow.getState().edges[0]?.id ?? ''
    ui.select([first], [edge])
    expect([node(first)?.selected, flow.getState().edges[0]?.selected]).toEqual([true, true])
  })

  test('take the title and the sockets of another definition', () => {
    const { catalogue, flow, first, node } = twoNodes()
    catalogue.setTypes({ nodes: [{ ...BLUR, title: 'Soften', outputs: [] }], packs: [] })
    expect(node(first)?.ariaLabel).toBe('Soften')
    // the output that the wire refers to is kept
    expect(
      flow
        .getState()
        .shapes.get(first)
        ?.outputs.map((socket) => socket.name),
    ).toEqual(['image'])
  })
})

test('an open sub-workflow has a panel on each side', () => {
  const { doc, flow } = twoNodes()
  const sub = {
    nodes: { 3: { type: 'Blur', position: [0, 0] as [number, number] } },
    order: ['3'],
    inputs: [{ name: 'image', to: [['3', 'image'] as [string, string]] }],
    outputs: [{ name: 'image', from: ['3', 'image'] as [string, string] }],
    rest: {},
  }
  doc.commit('Add', (body, whole) => {
    whole.subs.up = sub
    addNode(body, { type: '@up', position: [0, 0] })
  })
  const instance = doc.getState().body.order.at(-1) as string
  doc.enter([{ node: instance, sub: 'up' }])
  const { nodes, edges } = flow.getState()
  expect(nodes.map((node) => node.id)).toEqual(['3', INPUTS, OUTPUTS])
  expect(edges.map(({ source, target }) => [source, target])).toEqual([
    [INPUTS, '3'],
    ['3', OUTPUTS],
  ])
  doc.commit('Take off', (body) => {
    if (isSub(body)) body.inputs = [{ name: 'image', to: [] }]
  })
  expect(flow.getState().edges.map(({ source }) => source)).toEqual(['3'])
  doc.enter([])
  expect(flow.getState().edges.map(({ target }) => target)).toEqual(['2'])
})
