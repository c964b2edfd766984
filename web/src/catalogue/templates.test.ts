import { expect, test } from 'vitest'
import type { TemplateInfo, TemplateNeed } from '../api/types'
import { needsOf, sorted } from './templates'

const need = (there: string[], names: string[] = ['sd_xl_base_1.0.safetensors']): TemplateNeed => ({
  what: 'checkpoint of Stable Diffusion XL',
  place: 'models/checkpoints',
  such_as: names,
  there,
})

const template = (name: string, needs: TemplateNeed[]): TemplateInfo => ({
  name,
  title: name,
  description: '',
  node_types: [],
  thumbnail: null,
  needs,
})

test('of what a template needs, what is missing is named with its place, and what is there by its name', () => {
  expect(
    needsOf(template('a', [need([]), need(['mine', 'other']), need([], ['one', 'two']), need([], [])])),
  ).toEqual({
    missing: [
      'checkpoint of Stable Diffusion XL in models/checkpoints, such as sd_xl_base_1.0.safetensors',
      'checkpoint of Stable Diffusion XL in models/checkpoints, such as one or two',
      'checkpoint of Stable Diffusion XL in models/checkpoints',
    ],
    uses: ['mine'],
  })
  expect(needsOf(template('a', []))).toEqual({ missing: [], uses: [] })
})

test("templates that run at once are told apart from those for models of one's own", () => {
  const [atOnce, own] = [template('a', []), template('b', [need([])])]
  expect(sorted([own, atOnce])).toEqual([[atOnce], [own]])
})
