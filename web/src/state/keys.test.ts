import { expect, test } from 'vitest'
import { type KeyPress, keysInWords, matches } from './keys'

const press = (key: string, more: Partial<KeyPress> = {}): KeyPress => ({
  key,
  code: '',
  ctrlKey: false,
  metaKey: false,
  shiftKey: false,
  altKey: false,
  ...more,
})

test.each<[KeyPress, string, boolean]>([
  [press('Enter', { ctrlKey: true }), 'mod+Enter', true],
  [press('Enter'), 'mod+Enter', false],
  [press('Z', { ctrlKey: true, shiftKey: true }), 'mod+shift+z', true],
  [press('z', { ctrlKey: true }), 'mod+shift+z', false],
  [press(' '), 'Space', true],
  [press('?', { shiftKey: true }), '?', true],
  [press('+', { shiftKey: true }), '+', true],
  [press('ь', { code: 'KeyM' }), 'm', true],
  [press('m', { altKey: true }), 'm', false],
])('%o is %s: %s', (event, keys, expected) => {
  expect(matches(event, keys, false)).toBe(expected)
})

test('on a Mac the Cmd key takes the place of Ctrl', () => {
  expect(matches(press('s', { metaKey: true }), 'mod+s', true)).toBe(true)
  expect(matches(press('s', { ctrlKey: true }), 'mod+s', true)).toBe(false)
  expect(keysInWords('mod+shift+z', true)).toBe('Cmd + Shift + Z')
  expect(keysInWords('mod+Enter', false)).toBe('Ctrl + Enter')
})
