import { describe, expect, test } from 'vitest'
import { canFeed, type Fit, typeInWords } from './compatibility'
import { type Converts, casesOf, inputOf, outputOf } from './testing'

const input = (type: string, ...converts: string[]) => ({ type, accepts: [...type.split(','), ...converts] })

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
  expect(canFeed(output, target)).toMatchObject({ ok: true, reason })
})

test.each([
  [{ type: 'IMAGE', is_list: true }, input('IMAGE')],
  [{ type: 'IMAGE', is_list: true, each: true }, input('IMAGE')],
])('a list into one is refused, with what to put between', (output, target) => {
  const fit = canFeed(output, target)
  expect(fit.ok).toBe(false)
  expect(fit.reason).toContain('List to Each')
})

interface Case {
  name?: string
  from: string
  into: string
  refused?: Fit['code']
  converts?: readonly string[]
  stream?: Fit['stream']
}

interface Cases {
  converts: Converts
  pairs: { into: string; plain: string[]; converted: string[] }[]
  shapes: Case[]
  cases: Case[]
}

const FILE = casesOf<Cases>('socket-fits')

/** The answer without its words. */
function answer(from: string, into: string): Omit<Case, 'name' | 'from' | 'into'> {
  const { code, converts, stream } = canFeed(outputOf('o', from), inputOf('i', into, FILE.converts))
  return { ...(code && { refused: code }), ...(converts && { converts }), ...(stream && { stream }) }
}

describe('the cases that the engine runs, too', () => {
  test.each(FILE.cases.map((one) => [one.name, one] as const))(
    '%s',
    (_, { name, from, into, ...expected }) => {
      expect(answer(from, into)).toEqual(expected)
      expect(canFeed(outputOf('o', from), inputOf('i', into, FILE.converts)).ok).toBe(!expected.refused)
    },
  )

  test.each(FILE.pairs.map((one) => [one.into, one] as const))('every type into %s', (into, pair) => {
    const all = FILE.pairs.map((one) => one.into)
    for (const type of all) {
      for (const { from, into: end, ...shape } of FILE.shapes) {
        const isConverted = pair.converted.includes(type)
        const fits = isConverted || pair.plain.includes(type)
        const isAnything = into === '*' && end === '' && shape.refused
        const found = answer(type + from, into + end)
        if (!fits) expect(found).toEqual({ refused: 'wrong_type' })
        else if (isAnything) expect(found.refused).toBeUndefined()
        else expect(found).toEqual({ ...shape, ...(isConverted && !shape.refused && { converts: [type] }) })
      }
    }
  })
})
