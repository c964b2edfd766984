import { expect, test } from 'vitest'
import type { NodeType } from '../api/types'
import { searchNodes } from './search'

const type = (id: string, title: string, more: Partial<NodeType> = {}): NodeType => ({
  id,
  title,
  category: 'image',
  help: '',
  inputs: [],
  outputs: [],
  version: 1,
  side_effect: false,
  lane: 'cpu',
  module: 'm',
  aliases: [],
  experimental: false,
  deprecated: false,
  ...more,
})

const BLUR = type('ImageBlur', 'Blur Image')
const SAMPLER = type('KSampler', 'Sampler', { aliases: ['generate'], category: 'sampling' })
const OLD = type('OldBlur', 'Blur (old)', { deprecated: true })
const ALL = [SAMPLER, OLD, BLUR]
const found = (query: string) => searchNodes(query, ALL).map((node) => node.id)

test('without words, everything that is not outdated, in its order', () => {
  expect(found('')).toEqual(['KSampler', 'ImageBlur'])
})

test('titles, technical names and aliases are found; all words must match', () => {
  expect(found('blur')).toEqual(['ImageBlur', 'OldBlur'])
  expect(found('ksam')).toEqual(['KSampler'])
  expect(found('generate')).toEqual(['KSampler'])
  expect(found('blur image')).toEqual(['ImageBlur', 'OldBlur'])
  expect(found('blur sampler')).toEqual([])
})
