import { renderToStaticMarkup } from 'react-dom/server'
import { expect, test } from 'vitest'
import { paragraphs } from './HelpCard'

const html = (text: string) => renderToStaticMarkup(paragraphs(text))

test('an empty line parts paragraphs, a single line break does not', () => {
  expect(html('one\ntwo\n \nthree')).toBe('<p>one\ntwo</p><p>three</p>')
})

test('words between stars are stressed; a lonely star, and one over a line break, stays', () => {
  expect(html('a *b* c *d*')).toBe('<p>a <em>b</em> c <em>d</em></p>')
  expect(html('2 * 3')).toBe('<p>2 * 3</p>')
  expect(html('*a\nb*')).toBe('<p>*a\nb*</p>')
})

test('markup of an author is shown as text', () => {
  expect(html('<img src=x onerror=alert(1)>')).toBe('<p>&lt;img src=x onerror=alert(1)&gt;</p>')
})
