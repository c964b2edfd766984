import { expect, test } from 'vitest'
import type { Artifact } from '../api/types'
import { nodeType } from '../catalogue/toys'
import { editorWith, rendered } from '../editor/testing'
import { NodePicture } from './NodePicture'
import { isStrip, PictureStrip, placeAfter } from './PictureStrip'

const state = (number: number, label?: string) =>
  ({
    url: `/files/temp/${number}.png`,
    name: `${number}.png`,
    media: 'image/png',
    thumbnail: null,
    label,
  }) as Artifact
const path = [state(0, 'noise level 14.6'), state(1, 'noise level 2'), state(2, 'noise level 0: the result')]

test('pictures are a strip when every one of them has a label', () => {
  expect(isStrip(path)).toBe(true)
  expect(isStrip([...path, state(3)])).toBe(false)
  expect(isStrip(path.slice(0, 1))).toBe(false)
  expect(isStrip([])).toBe(false)
})

test.each<[string, number, number | null]>([
  ['ArrowLeft', 1, 0],
  ['ArrowLeft', 0, 0],
  ['ArrowRight', 1, 2],
  ['ArrowRight', 2, 2],
  ['Home', 2, 0],
  ['End', 0, 2],
  ['Enter', 1, null],
  ['ArrowUp', 1, null],
])('the key %s at %d leads to %s', (key, at, to) => {
  expect(placeAfter(key, at, 3)).toBe(to)
})

test('a strip begins at the result, with its label below it and a slider over all', () => {
  const html = rendered(null, <PictureStrip pictures={path} onOpen={() => undefined} />)
  expect(html).toMatch(/<input type="range"[^>]*max="2"[^>]*value="2"/)
  expect(html).toContain('aria-valuetext="3 of 3, noise level 0: the result"')
  expect(html).toContain(
    '<p class="picture-strip-label" title="noise level 0: the result">noise level 0: the result</p>',
  )
  expect(html.match(/<span hidden=""/g)).toHaveLength(2)
  expect(html).toMatch(/aria-label="State after" disabled=""/)
  expect(html).not.toMatch(/aria-label="State before" disabled=""/)
})

test('a node whose pictures have labels shows a strip, and others a grid', () => {
  const editor = editorWith([nodeType('Show', [], [])])
  const shown = (pictures: readonly Artifact[]) => {
    editor.run.setState({ pictures: { 7: pictures } })
    return rendered(editor, <NodePicture id={'7' as never} height={236} />)
  }
  expect(shown(path)).toContain('class="picture-strip ')
  expect(shown([state(0), state(1)])).toContain('class="picture-grid"')
})
