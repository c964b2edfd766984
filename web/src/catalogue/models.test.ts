import { expect, test } from 'vitest'
import type { ModelInfo, Models, NodeType } from '../api/types'
import { filters, found, loadersOf, mayBeCorrected, nameParts, sizeInWords, whatIs } from './models'
import { nodeType } from './toys'

const model = (name: string, more: Partial<ModelInfo> = {}): ModelInfo => ({
  folder: 'checkpoints',
  name,
  bytes: 5,
  kind: 'checkpoint',
  family: 'sdxl',
  variant: '',
  what: 'Stable Diffusion XL',
  precision: 'fp16',
  format: 'safetensors',
  parts: [],
  needs: [],
  licence: null,
  problem: '',
  remedy: '',
  belongs: '',
  bundled: false,
  override: {},
  ...more,
})

const all = (...models: ModelInfo[]): Models => ({
  reading: { read: 0, of: 0 },
  folders: [],
  kinds: { checkpoint: 'checkpoint', lora: 'LoRA', vae: 'VAE' },
  families: [
    { id: 'sd1', name: 'Stable Diffusion 1', variants: {}, usable: true },
    { id: 'sdxl', name: 'Stable Diffusion XL', variants: {}, usable: true },
  ],
  models,
  left_out: [],
  problems: [],
})

const LIST = all(
  model('sdxl/anime.safetensors'),
  model('photo.safetensors', { family: 'sd1', what: 'Stable Diffusion 1' }),
  model('ink.safetensors', { folder: 'loras', kind: 'lora', family: '', what: '' }),
)
const names = (query: string, kind = '', family = '') =>
  found(LIST, { query, kind, family }).map(({ folder, models }) => [
    folder,
    ...models.map(({ name }) => name),
  ])

test('models are found by all words of their name, folder, family and precision, and stand by folder', () => {
  expect(names('')).toEqual([
    ['checkpoints', 'sdxl/anime.safetensors', 'photo.safetensors'],
    ['loras', 'ink.safetensors'],
  ])
  expect(names('DIFFUSION anime')).toEqual([['checkpoints', 'sdxl/anime.safetensors']])
  expect(names('lora')).toEqual([['loras', 'ink.safetensors']])
  expect(names('fp16 sd1')).toEqual([['checkpoints', 'photo.safetensors']])
  expect(names('diffusion', 'lora')).toEqual([])
  expect(names('', '', 'sd1')).toEqual([['checkpoints', 'photo.safetensors']])
})

test('only kinds and families that there are files of can be asked for', () => {
  expect(filters(LIST)).toEqual({
    kinds: [
      ['checkpoint', 'checkpoint'],
      ['lora', 'LoRA'],
    ],
    families: [
      ['sd1', 'Stable Diffusion 1'],
      ['sdxl', 'Stable Diffusion XL'],
    ],
  })
})

test('a file that has no name of its own is called by its kind, and one that was not read says so', () => {
  expect(whatIs(model('a'), LIST.kinds)).toBe('Stable Diffusion XL')
  expect(whatIs(model('a', { what: '', kind: 'lora' }), LIST.kinds)).toBe('LoRA')
  expect(whatIs(model('a', { what: '', kind: '' }), LIST.kinds)).toBe('not read yet')
})

const loader = (id: string, ...inputs: [name: string, folder: string, fits?: string[]][]): NodeType => {
  const type = nodeType(id, [])
  return {
    ...type,
    inputs: inputs.map(([name, folder, fits]) => ({
      name,
      type: 'COMBO',
      title: name,
      tooltip: '',
      optional: false,
      advanced: false,
      accepts: ['COMBO'],
      widget: { kind: 'file', folder, upload: '', ...(fits && { fits }) },
    })),
  }
}

test('the node that loads a file looks into its folder, takes its kind, and asks for the fewest files', () => {
  const types = [
    loader('Dual', ['one', 'text_encoders', ['text_encoder']], ['two', 'text_encoders', ['text_encoder']]),
    loader('Single', ['name', 'text_encoders', ['text_encoder']]),
    loader('Vae', ['name', 'vae']),
  ]
  const ids = (one: ModelInfo) => loadersOf(one, types).map(({ type, input }) => `${type.id}.${input.name}`)
  const text = model('clip_l.safetensors', { folder: 'text_encoders', kind: 'text_encoder' })
  expect(ids(text)).toEqual(['Single.name', 'Dual.one'])
  expect(ids({ ...text, kind: 'vae' })).toEqual([])
  expect(ids({ ...text, folder: 'vae' })).toEqual(['Vae.name'])
  expect(ids({ ...text, problem: 'It is cut off.' })).toEqual([])
  expect(ids({ ...text, kind: '' })).toEqual([])
  expect(ids({ ...text, belongs: 'vae' })).toEqual([])
})

test('names are taken apart at their folder, and sizes are as in a file manager', () => {
  expect(nameParts('a/b/c.safetensors')).toEqual(['a/b/', 'c.safetensors'])
  expect(nameParts('c.safetensors')).toEqual(['', 'c.safetensors'])
  expect([12, 1.6e8, 6.94e9].map(sizeInWords)).toEqual(['1 kB', '160 MB', '6.9 GB'])
})

test('what is whole and one’s own may be corrected', () => {
  const formats = ['safetensors', 'gguf', 'folder', 'pickle', '']
  expect(formats.filter((format) => mayBeCorrected(model('a', { format })))).toEqual(formats.slice(0, 3))
  expect(mayBeCorrected(model('a', { bundled: true }))).toBe(false)
})
