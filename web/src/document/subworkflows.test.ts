import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { adoptSubs } from './adopt'
import { fragmentOf } from './edits'
import { readDoc, writeDoc } from './file'
import {
  feedFromInput,
  giveOutput,
  moveRow,
  removeInside,
  removeSubInput,
  removeSubOutput,
  renamePort,
  unfeed,
} from './ports'
import { type Gathered, gather, type Refusal, replaceByInstance, takeApart } from './regroup'
import { createDocStore } from './store'
import { closesCircle, type Path, separate, unusedSubs, usesOf } from './subworkflows'
import { type Body, type Doc, type DocNode, emptyDoc, isReference, type Sub } from './types'

/** "1>2 2>3": node 2 reads 1 in its input a, and so on; the second wire into a node ends at b. */
function wired(text: string): Doc {
  const doc = emptyDoc()
  const add = (id: string) => {
    if (!doc.nodes[id]) {
      doc.nodes[id] = { type: 'T', position: [Number(id) * 100, 0], inputs: { steps: Number(id) } }
      doc.order.push(id)
    }
    return doc.nodes[id] as DocNode
  }
  for (const wire of text.split(' ')) {
    const [from, to] = wire.split('>') as [string, string]
    add(from)
    const { inputs } = add(to)
    if (inputs) inputs[inputs.a ? 'b' : 'a'] = { from: [from, 'OUT'] }
  }
  return doc
}

const wiresOf = (body: Body) =>
  Object.entries(body.nodes)
    .flatMap(([id, node]) =>
      Object.entries(node.inputs ?? {}).flatMap(([input, value]) =>
        isReference(value) ? [`${value.from.join('.')}>${id}.${input}`] : [],
      ),
    )
    .sort()

const loaded = (doc: Doc, path: Path = []) => {
  const store = createDocStore()
  store.load({ doc, origin: { path: '', key: 'k' } })
  store.enter(path)
  return store
}
type Store = ReturnType<typeof loaded>

function make(store: Store, ids: string[], title = 'Group'): { node: string; sub: string } {
  const gathered = gather(store.getState().body, new Set(ids), title) as Gathered
  let made = { node: '', sub: '' }
  store.commit('Make', (body, doc) => {
    made = replaceByInstance(doc, body, gathered)
  })
  return made
}

function apart(store: Store, id: string): string[] {
  const { doc, body } = store.getState()
  const instance = body.nodes[id] as DocNode
  const sub = doc.subs[instance.type.slice(1)] as Sub
  let ids: string[] = []
  store.commit('Take apart', (draft, whole) => {
    ids = takeApart(whole, draft, id, { instance, sub })
  })
  return ids
}

describe('making a sub-workflow', () => {
  test('wires that cross the border become inputs and outputs, named after the sockets; values stay', () => {
    const store = loaded(wired('1>2 1>3 2>3 3>4 3>5'))
    const { node, sub } = make(store, ['2', '3'])
    const { doc } = store.getState()
    expect(doc.subs[sub]).toMatchObject({
      title: 'Group',
      inputs: [
        {
          name: 'a',
          to: [
            ['2', 'a'],
            ['3', 'a'],
          ],
        },
      ],
      outputs: [{ name: 'OUT', from: ['3', 'OUT'] }],
    })
    expect(doc.subs[sub]?.nodes['2']?.inputs).toEqual({ steps: 2 })
    expect(doc.nodes[node]).toMatchObject({ type: '@group', inputs: { a: { from: ['1', 'OUT'] } } })
    expect(wiresOf(doc)).toEqual(['1.OUT>6.a', '6.OUT>4.a', '6.OUT>5.a'])
    expect(doc.nodes[node]?.position).toEqual([250, 0])
  })

  test('inputs of the same name are told apart', () => {
    const store = loaded(wired('1>3 2>4 3>5 4>5'))
    const { sub } = make(store, ['3', '4', '5'])
    expect(store.getState().doc.subs[sub]?.inputs.map(({ name, title }) => [name, title])).toEqual([
      ['a', undefined],
      ['a_2', 'a 2'],
    ])
  })

  test('is refused when it would feed itself, and says by which node', () => {
    expect(gather(wired('1>2 2>3'), new Set(['1', '3']), '')).toEqual({ reason: 'circle', through: '2' })
    expect((gather(wired('1>2'), new Set(['9']), '') as Refusal).reason).toBe('nothing')
  })

  test('taking it apart again gives the same nodes, wires and places, and undo goes back in one step each', () => {
    const wires = fc.uniqueArray(
      fc
        .tuple(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 3 }))
        .map(([a, b]) => `${a}>${a + b}`),
      { minLength: 1, maxLength: 9 },
    )
    fc.assert(
      fc.property(
        wires,
        fc.array(fc.integer({ min: 1, max: 9 }).map(String), { minLength: 1 }),
        (list, ids) => {
          const start = wired(list.join(' '))
          const gathered = gather(start, new Set(ids), 'Group')
          fc.pre('sub' in gathered)
          const store = loaded(start)
          const { node } = make(store, ids)
          const whole = store.getState().doc
          apart(store, node)
          const { doc } = store.getState()
          expect(doc.nodes).toEqual(start.nodes)
          expect([...doc.order].sort()).toEqual([...start.order].sort())
          expect(doc.subs).toEqual({})
          store.undo()
          expect(store.getState().doc).toEqual(whole)
          store.undo()
          expect(store.getState().doc).toEqual(start)
        },
      ),
    )
  })

  test('works inside a sub-workflow, whose inputs and outputs then lead through the new instance', () => {
    const store = loaded(wired('1>2 2>3 3>4 4>5'))
    const outer = make(store, ['2', '3', '4'], 'Outer')
    store.enter([{ node: outer.node, sub: outer.sub }])
    const inner = make(store, ['2', '4', '3'], 'Inner')
    const sub = store.getState().doc.subs[outer.sub]
    expect(sub?.inputs[0]?.to).toEqual([[inner.node, 'a']])
    expect(sub?.outputs[0]?.from).toEqual([inner.node, 'OUT'])
    apart(store, inner.node)
    expect(store.getState().doc.subs[outer.sub]?.inputs[0]?.to).toEqual([['2', 'a']])
    expect(store.getState().doc.subs[outer.sub]?.outputs[0]?.from).toEqual(['4', 'OUT'])
  })

  test('taking apart gives the nodes the values and seeds of the instance, and new ids where theirs are taken', () => {
    const store = loaded(wired('1>2 2>3'))
    const { node } = make(store, ['2'])
    store.commit('Again', (body, doc) => {
      const sub = doc.subs.group as Sub
      feedFromInput(sub, ['2', 'steps'])
      body.nodes['8'] = {
        type: '@group',
        inputs: { steps: 18446744073709551615n },
        seeds: { steps: 'fixed' },
      }
      body.order.push('8')
    })
    expect(apart(store, node)).toEqual(['2'])
    const [fresh] = apart(store, '8')
    expect(fresh).not.toBe('2')
    expect(store.getState().doc.nodes[fresh as string]).toMatchObject({
      inputs: { steps: 18446744073709551615n },
      seeds: { steps: 'fixed' },
    })
    expect(store.getState().doc.subs).toEqual({})
  })
})

describe('inside a sub-workflow', () => {
  const opened = () => {
    const store = loaded(wired('1>2 2>3'))
    const made = make(store, ['2'])
    store.enter([{ node: made.node, sub: made.sub }])
    return { store, ...made }
  }

  test('edits go to the definition, so that every instance has them, and undo returns to where they were made', () => {
    const { store, sub } = opened()
    store.commit('Set', (body) => {
      ;(body.nodes['2'] as DocNode).inputs = { steps: 9 }
    })
    expect(store.getState().doc.subs[sub]?.nodes['2']?.inputs).toEqual({ steps: 9 })
    store.enter([])
    store.undo()
    expect(store.getState().path).toHaveLength(1)
    expect(store.getState().body.nodes['2']?.inputs).toEqual({ steps: 2 })
    store.undo()
    expect(store.getState().path).toEqual([])
    expect(store.getState().body).toBe(store.getState().doc)
  })

  test('rows are added, moved, renamed and removed together with what instances say of them', () => {
    const { store, sub, node } = opened()
    const now = () => store.getState().doc
    store.commit('Add', (body) => {
      expect(feedFromInput(body as Sub, ['2', 'steps'])).toBe('steps')
      expect(giveOutput(body as Sub, ['2', 'OUT'])).toBe('OUT_2')
      moveRow((body as Sub).inputs, 'steps', -1)
    })
    expect(now().subs[sub]?.inputs.map((input) => input.name)).toEqual(['steps', 'a'])
    store.commit('Rename', (_, doc) => {
      renamePort(doc, sub, 'outputs', 'OUT', 'Picture')
      renamePort(doc, sub, 'inputs', 'a', 'item')
    })
    expect(now().subs[sub]?.outputs[0]).toEqual({ name: 'Picture', from: ['2', 'OUT'] })
    expect(wiresOf(now())).toEqual([`1.OUT>${node}.item`, `${node}.Picture>3.a`])
    store.commit('Rename', (_, doc) => renamePort(doc, sub, 'inputs', 'item', 'steps'))
    expect(now().subs[sub]?.inputs.map((input) => input.name)).toEqual(['steps', 'steps 2'])
    store.undo()
    store.commit('Remove', (_, doc) => {
      removeSubInput(doc, sub, 'item')
      removeSubOutput(doc, sub, 'Picture')
    })
    expect(wiresOf(now())).toEqual([])
    expect(now().subs[sub]).toMatchObject({ inputs: [{ name: 'steps' }], outputs: [{ name: 'OUT_2' }] })
  })

  test('an inner input has one source: a wire, or one input of the sub-workflow', () => {
    const { store, sub } = opened()
    store.commit('Lead', (body) => feedFromInput(body as Sub, ['2', 'steps'], 'a'))
    store.commit('New', (body) => feedFromInput(body as Sub, ['2', 'a']))
    expect(store.getState().doc.subs[sub]?.inputs.map(({ name, to }) => [name, to])).toEqual([
      ['a', [['2', 'steps']]],
      ['a_2', [['2', 'a']]],
    ])
    store.commit('Cut', (body) => unfeed(body as Sub, 'a', ['2', 'steps']))
    expect(store.getState().doc.subs[sub]?.inputs[0]).toEqual({ name: 'a', to: [] })
  })

  test('rows go with the nodes that they lead to', () => {
    const { store, sub } = opened()
    store.commit('Delete', (_, doc) => removeInside(doc, store.getState().path, ['2']))
    expect(store.getState().doc.subs[sub]).toMatchObject({ inputs: [{ name: 'a', to: [] }], outputs: [] })
  })

  test('an output that goes with its node takes the wires along that read it, over all levels', () => {
    const store = loaded(wired('1>2 2>3'))
    const inner = make(store, ['2'], 'Inner')
    const outer = make(store, [inner.node], 'Outer')
    expect(wiresOf(store.getState().doc)).toContain(`${outer.node}.OUT>3.a`)
    const before = store.getState().doc
    const path = [
      { node: outer.node, sub: outer.sub },
      { node: inner.node, sub: inner.sub },
    ]
    store.enter(path)
    store.commit('Delete', (_, doc) => removeInside(doc, path, ['2']))
    const { doc } = store.getState()
    expect(wiresOf(doc)).toEqual([`1.OUT>${outer.node}.a`])
    expect([doc.subs[inner.sub]?.outputs, doc.subs[outer.sub]?.outputs]).toEqual([[], []])
    store.undo()
    expect(store.getState().doc).toEqual(before)
  })
})

describe('definitions', () => {
  test('one that a loop runs stays when its only instance is taken apart', () => {
    const store = loaded(wired('1>2 2>3'))
    const { node, sub } = make(store, ['2'])
    store.commit('Loop', (body) => {
      ;(body.nodes['3'] as DocNode).inputs = { body: sub }
    })
    const bodyInputs = () => ['body']
    const { doc } = store.getState()
    const plain = { instance: doc.nodes[node] as DocNode, sub: doc.subs[sub] as Sub }
    store.commit('Take apart', (body, whole) => takeApart(whole, body, node, plain, bodyInputs))
    expect(store.getState().doc.subs[sub]).toEqual(doc.subs[sub])
  })

  test('a circle is seen over any number of levels', () => {
    const store = loaded(wired('1>2 2>3'))
    const inner = make(store, ['2'], 'Inner')
    const outer = make(store, [inner.node], 'Outer')
    const { doc } = store.getState()
    expect(closesCircle(doc, inner.sub, outer.sub)).toBe(true)
    expect(closesCircle(doc, outer.sub, outer.sub)).toBe(true)
    expect(closesCircle(doc, outer.sub, inner.sub)).toBe(false)
  })

  test('one that only unused ones use is unused', () => {
    const store = loaded(wired('1>2 2>3'))
    const inner = make(store, ['2'], 'Inner')
    const outer = make(store, [inner.node], 'Outer')
    store.commit('Delete', (_, doc) => removeInside(doc, [], [outer.node]))
    expect(unusedSubs(store.getState().doc)).toEqual([inner.sub, outer.sub])
  })

  test('an instance may get a definition of its own', () => {
    const store = loaded(wired('1>2 2>3'))
    const { node, sub } = make(store, ['2'])
    const copy = store.getState().doc.subs[sub] as Sub
    store.commit('Separate', (body, doc) => separate(doc, body, node, copy))
    expect(store.getState().doc.nodes[node]?.type).toBe('@group-2')
    expect(store.getState().doc.subs['group-2']).toEqual({ ...copy, title: 'Group 2' })
    expect(usesOf(store.getState().doc, sub)).toBe(0)
  })

  test('copies bring their definitions; the same one is used again, another of the same id gets a new one', () => {
    const store = loaded(wired('1>2 2>3'))
    const inner = make(store, ['2'], 'Inner')
    const outer = make(store, [inner.node], 'Outer')
    const { doc } = store.getState()
    const copied = readDoc(writeDoc({ ...fragmentOf(doc, new Set([outer.node])), subs: doc.subs }))
    const other = emptyDoc()
    expect(adoptSubs(other, copied.subs).size).toBe(0)
    expect(other.subs).toEqual(doc.subs)
    expect(adoptSubs(other, copied.subs).size).toBe(0)
    ;(other.subs.inner as Sub).title = 'Changed here'
    expect(adoptSubs(other, copied.subs)).toEqual(
      new Map([
        ['inner', 'inner-2'],
        ['outer', 'outer-2'],
      ]),
    )
    expect(Object.values(other.subs['outer-2']?.nodes ?? {})[0]?.type).toBe('@inner-2')
    const ids = Object.keys(other.subs)
    expect([...adoptSubs(other, copied.subs).values()]).toEqual(['inner-2', 'outer-2'])
    expect(Object.keys(other.subs), 'a second copy brings no second definition').toEqual(ids)
    ;(other.subs['inner-2'] as Sub).title = 'Changed as well'
    expect([...adoptSubs(other, copied.subs).values()]).toEqual(['inner-3', 'outer-3'])
  })

  test('are kept in the file, with the order of their nodes and what is unknown in them', () => {
    const text =
      '{"jacquard":1,"nodes":{"1":{"type":"@up"}},"subworkflows":{"up":{"title":"Up","inputs":[{"name":"x","to":[["10","a"]],"colour":"mauve"}],"outputs":[{"name":"y","from":["2","OUT"]}],"nodes":{"10":{"type":"A"},"2":{"type":"B"}},"future":1}}}'
    const doc = readDoc(text)
    expect(doc.subs.up?.order).toEqual(['10', '2'])
    expect(writeDoc(doc, 0)).toBe(text)
    expect(() => readDoc(text.replace('{"type":"A"}', '{}'))).toThrow('inside the sub-workflow up')
  })
})
