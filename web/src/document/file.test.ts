import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { NotAWorkflow, readDoc, writeDoc } from './file'

const EXAMPLES = join(import.meta.dirname, '../../../workflows')

describe('a workflow file', () => {
  test.each(readdirSync(EXAMPLES).filter((name) => name.endsWith('.json')))(
    '%s means the same after it was saved',
    (name) => {
      const text = readFileSync(join(EXAMPLES, name), 'utf8')
      const doc = readDoc(text)
      expect(JSON.parse(writeDoc(doc))).toEqual(JSON.parse(text))
      expect(writeDoc(readDoc(writeDoc(doc)))).toBe(writeDoc(doc))
    },
  )

  test('keeps the order of its nodes and what is unknown', () => {
    const text =
      '{"jacquard":1,"title":"t","nodes":{"10":{"type":"X","future":{"a":[1]}},"2":{"type":"Y"}},"pack_notes":"kept"}'
    const doc = readDoc(text)
    expect(doc.order).toEqual(['10', '2'])
    expect(writeDoc(doc, 0)).toBe(text)
  })

  test.each([
    ['[]', 'holds no workflow'],
    ['{"nodes": [], "links": []}', 'graph of another tool'],
    ['{"3": {"class_type": "KSampler"}}', 'API prompt of another tool'],
    ['{"a": 1}', 'no Jacquard workflow'],
    ['{"jacquard": 2}', 'newer Jacquard'],
    ['{"jacquard": 1, "nodes": {"1": {}}}', 'Node 1 has no type'],
    ['{"jacquard": 1,\n "nodes": }', 'line 2, column 11'],
  ])('is refused in words: %s', (text, words) => {
    expect(() => readDoc(text)).toThrow(NotAWorkflow)
    expect(() => readDoc(text)).toThrow(words)
  })
})
