import { describe, expect, test } from 'vitest'
import type { NodePhase, Reason } from '../api/types'
import { beginnings, howInWords, isUnexplained, type Why } from './why'

const fed = (...sources: string[]) =>
  ({ inputs: sources.map((source) => ({ name: 'x', source })) }) as unknown as Reason
const ran = (path: string, reason?: Reason, state: NodePhase = 'finished'): Why => ({ path, state, reason })

describe('of the nodes inside another one, the first causes', () => {
  test('are those that ran for a reason of their own, or for one outside', () => {
    const all = [ran('7/1', {} as Reason), ran('7/2', fed('7/1')), ran('7/3', fed('7/1', '4'))]
    expect(beginnings(all, '7').map(({ path }) => path)).toEqual(['7/1', '7/3'])
  })

  test('are not hidden by a node whose number only begins alike', () => {
    expect(beginnings([ran('7/2', fed('70/1'))], '7')).toHaveLength(1)
    expect(beginnings([ran('7/1', {} as Reason), ran('7/2', fed('70/1'))], '7')).toHaveLength(2)
  })

  test('are all of them where each waits for another', () => {
    const all = [ran('7/1', fed('7/2')), ran('7/2', fed('7/1'))]
    expect(beginnings(all, '7')).toEqual(all)
  })
})

test.each<[Why, boolean]>([
  [ran('1'), true],
  [ran('1', fed('2')), false],
  [ran('1', undefined, 'running'), true],
  [ran('1', undefined, 'waiting'), false],
  [ran('1', undefined, 'reused'), true],
  [{ ...ran('1', undefined, 'reused'), how: 'remembered' }, false],
])('%j has to be asked for: %s', (why, expected) => {
  expect(isUnexplained([why])).toBe(expected)
})

test('a way of reuse that this page does not know has a sentence, too', () => {
  expect(howInWords('in another way')).toBe(howInWords(undefined))
  expect(howInWords('remembered')).not.toBe(howInWords(undefined))
})
