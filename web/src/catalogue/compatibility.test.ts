import { expect, test } from 'vitest'
import { canFeed, typeInWords } from './compatibility'

const input = (type: string, ...converts: string[]) => ({ type, accepts: [...type.split(','), ...converts] })

test.each([
  ['IMAGE', input('IMAGE'), true],
  ['IMAGE', input('*'), true],
  ['*', input('IMAGE'), true],
  ['INT', input('FLOAT', 'INT'), true],
  ['MASK', input('IMAGE', 'MASK'), true],
  ['FLOAT', input('INT'), false],
  ['INT', input('INT,FLOAT'), true],
  ['STRING,INT', input('INT'), true],
  ['LATENT', input('IMAGE', 'MASK'), false],
])('%s into %o: %s', (output, target, ok) => {
  expect(canFeed({ type: output }, target).ok).toBe(ok)
})

test('a refusal says what the wire carries and what the input wants', () => {
  expect(canFeed({ type: 'LATENT' }, input('IMAGE')).reason).toBe(
    'This wire carries a latent picture (LATENT), but the input wants a picture (IMAGE).',
  )
  expect(canFeed({ type: 'INT' }, input('FLOAT', 'INT')).reason).toBe('INT is converted to FLOAT')
  expect(typeInWords('INT,ACME')).toBe('a whole number or ACME')
})

test.each([
  [{ type: 'IMAGE', each: true }, input('IMAGE'), 'runs once for each item'],
  [{ type: 'IMAGE', each: true }, { ...input('IMAGE'), collects: true }, 'collects all items'],
  [{ type: 'IMAGE' }, { ...input('IMAGE'), collects: true }, ''],
  [{ type: 'IMAGE', is_list: true }, { ...input('IMAGE'), collects: true }, ''],
  [{ type: 'IMAGE', is_list: true }, input('*'), ''],
  [
    { type: 'IMAGE', is_list: true, each: true },
    { ...input('IMAGE'), collects: true },
    'runs once for each item',
  ],
  [{ type: 'INT', each: true }, input('FLOAT', 'INT'), 'INT is converted to FLOAT; runs once for each item'],
])('%o into %o: "%s"', (output, target, reason) => {
  expect(canFeed(output, target)).toEqual({ ok: true, reason })
})

test.each([
  [{ type: 'IMAGE', is_list: true }, input('IMAGE')],
  [{ type: 'IMAGE', is_list: true, each: true }, input('IMAGE')],
])('a list into one is refused, with what to put between', (output, target) => {
  const fit = canFeed(output, target)
  expect(fit.ok).toBe(false)
  expect(fit.reason).toContain('List to Each')
})
