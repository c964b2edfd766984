import { describe, expect, test } from 'vitest'
import { inputType, nodeType, outputType } from '../catalogue/toys'
import { addNode } from '../document/edits'
import type { DocNode } from '../document/types'
import { editorWith, rendered } from '../editor/testing'
import { NO_STATES, type NodeRun } from '../run/states'
import { NodeHeader } from './NodeHeader'

const blur = { ...nodeType('Blur', [inputType('image')], [outputType('image')]), title: 'Blur Image' }

function header(node: Partial<DocNode>, run?: Partial<NodeRun>, type = node.type ? undefined : blur) {
  const editor = editorWith([blur])
  const whole: DocNode = { type: 'Blur', ...node }
  editor.doc.commit('Add', (body) => {
    addNode(body, whole, '1')
  })
  if (run) editor.run.setState({ shown: 'r', states: { r: { ...NO_STATES, nodes: { 1: run as NodeRun } } } })
  const html = rendered(
    editor,
    <NodeHeader id="1" node={whole} type={type} missing={!type} renaming={false} />,
  )
  return html.replaceAll('<!-- -->', '')
}
const badge = (html: string) => /class="badge (is-\w+)[^>]*>(.*?)<\/(?:button|span)>/.exec(html)?.slice(1)

test('the title is the own one, else that of the type; the second line names the type', () => {
  expect(header({})).toMatch(/<h3[^>]*>Blur Image<\/h3>.*<p[^>]*>Blur<\/p>/)
  expect(header({ title: 'Soft' })).toMatch(/<h3[^>]*>Soft<\/h3>.*<p[^>]*>Blur Image · Blur<\/p>/)
})

test('a node of an unknown type says that it is missing, one of a missing sub-workflow as well', () => {
  expect(header({ type: 'Nowhere' })).toContain('Nowhere · not installed')
  expect(header({ type: '@part' })).toContain('part · its sub-workflow is missing')
})

describe('the badge', () => {
  test.each<[Partial<NodeRun>, string, string | RegExp]>([
    [{ state: 'waiting' }, 'is-quiet', 'waiting'],
    [{ state: 'finished', seconds: 2 }, 'is-done', /^2(\.0)? s$/],
    [{ state: 'finished', items: 1 }, 'is-done', '1 item'],
    [{ state: 'finished', items: 3 }, 'is-done', '3 items'],
    [{ state: 'finished', items: 3, items_failed: 1 }, 'is-failed', '1 of 4 failed'],
    [{ state: 'finished', items_failed: 2 }, 'is-failed', '2 failed'],
    [{ state: 'failed' }, 'is-failed', 'failed'],
    [{ state: 'skipped' }, 'is-quiet', 'skipped'],
    [{ state: 'reused' }, 'is-reused', / reused$/],
    [{ state: 'running', value: 3, maximum: 12 }, 'is-running', /^25 % · /],
    [{ state: 'running', items: 2, maximum: 5 }, 'is-running', /^2 of 5 · /],
    [{ state: 'running', items: 2 }, 'is-running', /^2 done · /],
    [{ state: 'running', items: 4, items_failed: 2, maximum: 5 }, 'is-failed', /^6 done · /],
  ])('of %j is %s with %s', (run, tone, text) => {
    const [shownTone, shownText] = badge(header({}, run)) ?? []
    expect(shownTone).toBe(tone)
    expect(shownText).toMatch(typeof text === 'string' ? new RegExp(`^${text}$`) : text)
  })

  test('of a muted or bypassed node is its mode, whatever an earlier run did', () => {
    expect(badge(header({ mode: 'muted' }, { state: 'finished' }))?.[1]).toContain('muted')
    expect(badge(header({ mode: 'bypassed' }, { state: 'failed' }))?.[1]).toContain('bypassed')
  })

  test('is absent before a run', () => {
    expect(badge(header({}))).toBeUndefined()
  })
})

test('the progress bar stands for the share of a running node, at most all of it', () => {
  expect(header({}, { state: 'running', value: 3, maximum: 12 })).toContain('aria-valuenow="25"')
  expect(header({}, { state: 'running', value: 15, maximum: 12 })).toContain('aria-valuenow="100"')
  expect(header({}, { state: 'running' })).toContain('aria-valuenow="0"')
  expect(header({}, { state: 'finished', value: 3, maximum: 12 })).not.toContain('progressbar')
})
