import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { JsonError, keyOrder, parseJson, writeJson } from './json'

describe('reading', () => {
  test('agrees with the language on every JSON value without large numbers', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const expected = JSON.parse(text)
        const large = JSON.stringify(expected, (_, v) =>
          typeof v === 'number' && Math.abs(v) > 2 ** 53 ? null : v,
        )
        fc.pre(large === JSON.stringify(expected))
        expect(parseJson(text)).toEqual(expected)
      }),
    )
  })

  test('keeps every digit of large whole numbers', () => {
    expect(parseJson('[18446744073709551615, 9007199254740991, 1e20]')).toEqual([
      2n ** 64n - 1n,
      2 ** 53 - 1,
      1e20,
    ])
  })

  test('keeps the order of keys that look like numbers', () => {
    expect(keyOrder(parseJson('{"10": 1, "b": 2, "4": 3}') as object)).toEqual(['10', 'b', '4'])
  })

  test.each(['', '{', '[1,]', '{"a" 1}', '{"a": }', '"\u0001"', 'tru', '1 2', '01', '"\\x"'])(
    'refuses %j',
    (text) => {
      expect(() => parseJson(text)).toThrow(JsonError)
    },
  )

  test('refuses what is nested too deeply instead of running out of stack', () => {
    expect(() => parseJson('['.repeat(100_000))).toThrow('nested too deeply')
  })

  test('takes "__proto__" for a plain key', () => {
    const value = parseJson('{"__proto__": {"polluted": true}}')
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
    expect(Object.keys(value as object)).toEqual(['__proto__'])
  })
})

describe('writing', () => {
  test('reading gives back what was written, compact or indented', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(0, 2), (value, indent) => {
        const read = JSON.stringify(parseJson(writeJson(value, indent)), (_, v) =>
          typeof v === 'bigint' ? Number(v) : v,
        )
        expect(JSON.parse(read)).toEqual(JSON.parse(JSON.stringify(value)))
      }),
    )
  })

  test('keeps the order that was read', () => {
    const text = '{"10":{"z":1,"a":18446744073709551615},"4":[]}'
    expect(writeJson(parseJson(text))).toBe(text)
  })
})
