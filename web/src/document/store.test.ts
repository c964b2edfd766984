import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as edits from './edits'
import { fragmentOf } from './edits'
import { createDocStore } from './store'
import { type Body, type Doc, type DocNode, emptyDoc, isReference } from './types'

type Edit = (body: Body, pick: number, doc: Doc) => void
const id = (doc: Body, pick: number) => doc.order[pick % Math.max(1, doc.order.length)] ?? 'none'

/** What comes from the clipboard is never part of a draft. */
const plain = <T>(doc: T) => JSON.parse(JSON.stringify(doc)) as T

const EDITS: Record<string, Edit> = {
  add: (doc, pick) => edits.addNode(doc, { type: `T${pick % 5}`, position: [pick, pick] }),
  remove: (doc, pick) => edits.removeNodes(doc, [id(doc, pick)]),
  set: (doc, pick) => edits.setInput(doc, id(doc, pick), `in${pick % 3}`, edits.literal({ deep: [pick] })),
  connect: (doc, pick) => edits.connect(doc, id(doc, pick), 'OUT', id(doc, pick + 1), 'in0'),
  disconnect: (doc, pick) => edits.disconnect(doc, id(doc, pick), 'in0'),
  move: (doc, pick) => edits.moveNodes(doc, { [id(doc, pick)]: [pick, -pick] }),
  resize: (doc, pick) => edits.resizeNode(doc, id(doc, pick), [pick, pick]),
  mute: (doc, pick) => edits.setMode(doc, [id(doc, pick)], pick % 2 ? 'muted' : 'active'),
  rename: (doc, pick) => edits.setNodeTitle(doc, id(doc, pick), pick % 2 ? `title ${pick}` : ''),
  title: (_, pick, doc) => edits.setTitle(doc, String(pick)),
  seed: (doc, pick) => edits.setSeedControl(doc, id(doc, pick), 'seed', 'fixed'),
  draw: (body, pick, doc) => edits.writeSeeds(doc, { [`${id(body, pick)}.seed`]: pick }),
  paste: (doc) => edits.insertFragment(doc, plain(fragmentOf(doc, new Set(doc.order.slice(0, 2)))), [10, 10]),
}
const steps = fc.array(fc.tuple(fc.constantFrom(...Object.keys(EDITS)), fc.nat(20)), { maxLength: 40 })

function apply(store: ReturnType<typeof createDocStore>, chosen: [string, number][], merge = ''): void {
  for (const [name, pick] of chosen)
    store.commit(name, (body, doc) => EDITS[name]?.(body, pick, doc), { merge: merge && `${merge}${name}` })
}

describe('history', () => {
  test('undoing everything is the start, redoing everything is the end', () => {
    fc.assert(
      fc.property(steps, fc.constantFrom('', 'merge '), (chosen, merge) => {
        const store = createDocStore()
        const start = store.getState().doc
        apply(store, chosen, merge)
        const end = store.getState().doc
        while (store.undo() !== null);
        expect(store.getState().doc).toEqual(start)
        while (store.redo() !== null);
        expect(store.getState().doc).toEqual(end)
      }),
    )
  })

  test('patches that are told one by one rebuild the document', () => {
    const store = createDocStore()
    const published: unknown[] = []
    store.onChange((patches, content) => published.push([patches.length, content.doc.order.length]))
    apply(store, [
      ['add', 1],
      ['add', 2],
    ])
    store.undo()
    expect(published).toHaveLength(3)
  })

  test('quick edits of one field are one step, edits of another field are another', () => {
    const store = createDocStore()
    apply(store, [['add', 1]])
    for (const text of ['a', 'ab', 'abc']) {
      store.commit('Set', (doc) => edits.setInput(doc, '1', 'text', text), { merge: 'set:1.text' })
    }
    store.commit('Set', (doc) => edits.setInput(doc, '1', 'other', 'x'), { merge: 'set:1.other' })
    expect(store.getState().history.past).toHaveLength(3)
    store.undo()
    store.undo()
    expect(store.getState().doc.nodes['1']?.inputs).toBeUndefined()
  })

  test('what changes nothing is no step, and a new edit forgets what was undone', () => {
    const store = createDocStore()
    expect(store.commit('Nothing', () => undefined)).toBe(false)
    apply(store, [['add', 1]])
    store.undo()
    apply(store, [['title', 1]])
    expect(store.redo()).toBeNull()
  })

  test('undo crosses opening another document, with its path', () => {
    const store = createDocStore()
    store.load({ doc: emptyDoc('first'), origin: { path: 'first.json', key: 'k' } })
    store.open(emptyDoc('second'), 'second.json')
    store.undo()
    expect(store.getState()).toMatchObject({ doc: { title: 'first' }, origin: { path: 'first.json' } })
  })

  test('what a run writes counts as a step, but not as an edit by hand', () => {
    const store = createDocStore()
    apply(store, [['add', 1]])
    const { edits: before } = store.getState()
    store.commit('Draw seeds', (_, doc) => edits.writeSeeds(doc, { '1.seed': 7 }), { byHand: false })
    expect(store.getState().edits).toBe(before)
    store.undo()
    expect(store.getState().doc.nodes['1']?.inputs?.seed).toBeUndefined()
  })
})

describe('what a run drew', () => {
  const node = (inputs: object) => ({ type: 'T', inputs }) as DocNode
  test('is written where it belongs, in nodes and in definitions', () => {
    const doc = emptyDoc()
    doc.nodes = { 3: node({ seed: 1 }), 7: { type: '@part' } }
    doc.subs.part = { ...emptyDoc(), inputs: [], outputs: [], nodes: { 1: node({ seed: 2 }) } }
    edits.writeSeeds(doc, { '3.seed': 8, '7/1.seed': 9 })
    expect([doc.nodes['3']?.inputs, doc.subs.part.nodes['1']?.inputs]).toEqual([{ seed: 8 }, { seed: 9 }])
    edits.writeSeeds(doc, { '@part/1.seed': 10 })
    expect(doc.subs.part.nodes['1']?.inputs).toEqual({ seed: 10 })
  })

  test('is written nowhere else when the document was edited meanwhile', () => {
    const doc = emptyDoc()
    const from = { from: ['3', 'INT'] }
    doc.nodes = { 1: node({ seed: 1 }), 2: node({ seed: from }) }
    edits.writeSeeds(doc, { '7/1.seed': 9, '@gone/1.seed': 9, '2.seed': 9, '8.seed': 9 })
    expect(doc.nodes).toEqual({ 1: node({ seed: 1 }), 2: node({ seed: from }) })
  })
})

describe('edits', () => {
  test('no sequence of edits leaves a wire to a node that is gone, and order and nodes agree', () => {
    fc.assert(
      fc.property(steps, (chosen) => {
        const store = createDocStore()
        apply(store, chosen)
        const { doc } = store.getState()
        expect([...doc.order].sort()).toEqual(Object.keys(doc.nodes).sort())
        for (const node of Object.values(doc.nodes)) {
          for (const value of Object.values(node.inputs ?? {})) {
            if (isReference(value)) expect(doc.nodes[value.from[0]]).toBeDefined()
          }
        }
      }),
    )
  })

  test('a pasted fragment keeps the wires inside it and drops those that lead out', () => {
    const doc = emptyDoc()
    edits.addNode(doc, { type: 'A' }, 'a')
    edits.addNode(doc, { type: 'B', inputs: { x: { from: ['a', 'OUT'] } } }, '7')
    edits.addNode(doc, { type: 'C', inputs: { y: { from: ['7', 'OUT'] }, z: 3 } }, '9')
    const fragment = structuredClone(fragmentOf(doc, new Set(['7', '9'])))
    const ids = edits.insertFragment(doc, fragment, [5, 5])
    expect(ids).toEqual(['10', '11'])
    expect(doc.nodes['10']?.inputs).toEqual({})
    expect(doc.nodes['11']?.inputs).toEqual({ y: { from: ['10', 'OUT'] }, z: 3 })
  })
})
