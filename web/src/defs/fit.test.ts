import { expect, test } from 'vitest'
import { canFeed, typeInWords } from './fit'

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
  expect(canFeed(output, target).ok).toBe(ok)
})

test('a refusal says what the wire carries and what the input wants', () => {
  expect(canFeed('LATENT', input('IMAGE')).reason).toBe(
    'This wire carries a latent picture (LATENT), but the input wants a picture (IMAGE).',
  )
  expect(canFeed('INT', input('FLOAT', 'INT')).reason).toBe('INT is converted to FLOAT')
  expect(typeInWords('INT,ACME')).toBe('a whole number or ACME')
})
