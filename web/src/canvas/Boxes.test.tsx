import { expect, test } from 'vitest'
import { placedBoxes } from './Boxes'

const box = (more: object = {}) => ({ title: 'Light', position: [1, 2], size: [30, 40], ...more })

test('a box stands where the file has it', () => {
  expect(placedBoxes([box()])).toEqual([
    {
      key: '0',
      title: 'Light',
      text: '',
      colour: 'var(--dye-ash)',
      style: { left: 1, top: 2, width: 30, height: 40 },
    },
  ])
})

test('boxes without a place or a size are left out, and their neighbours keep their keys', () => {
  const found = placedBoxes([
    box({ position: undefined }),
    box({ size: [1] }),
    box({ size: ['1', 2] }),
    box(),
  ])
  expect(found.map(({ key }) => key)).toEqual(['3'])
  expect(placedBoxes(undefined)).toEqual([])
  expect(placedBoxes({ 0: box() })).toEqual([])
})

test.each([
  ['#aabbcc', '#aabbcc'],
  ['#ABC', '#ABC'],
  ['red', 'var(--dye-ash)'],
  ['#fff; background: url(x)', 'var(--dye-ash)'],
  [['#fff'], 'var(--dye-ash)'],
])('the colour %j is shown as %s', (color, shown) => {
  expect(placedBoxes([box({ color })])[0]?.colour).toBe(shown)
})

test('long titles and texts are shortened, and what is no text is shown as such', () => {
  const [found] = placedBoxes([box({ title: 'a'.repeat(10_000), text: 'b'.repeat(50_000) })])
  expect(found?.title.length).toBeLessThan(1_000)
  expect(found?.text.length).toBeLessThan(21_000)
  expect(placedBoxes([box({ title: 7 })])[0]?.title).toBe('7')
})
