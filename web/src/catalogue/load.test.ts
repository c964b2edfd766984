import { expect, test } from 'vitest'
import { createAccess } from '../api/access'
import { createHttp, type Http } from '../api/http'
import type { FileWidget } from '../api/types'
import { createStorage } from '../storage/database'
import { refreshChoices, wantChoices } from './load'
import { choicesKey, createCatalogue } from './store'

const file = (folder: string, fits?: string[]): FileWidget => ({
  kind: 'file',
  folder,
  upload: '',
  ...(fits && { fits }),
})

test('inputs that take other kinds of files of a folder have lists of their own, which are fetched again together', async () => {
  const asked: string[] = []
  const http: Http = {
    ...createHttp(createAccess()),
    json: async <T>(path: string) => {
      asked.push(path)
      return { names: [`${asked.length}`], left_out: [] } as T
    },
  }
  const parts = { catalogue: createCatalogue(), http, storage: createStorage() }
  const [all, some, other] = [file('vae'), file('vae', ['vae', 'checkpoint']), file('vae_approx')]
  for (const widget of [all, some, other, some]) wantChoices(parts, widget)
  expect(asked).toEqual(['/choices/vae', '/choices/vae?fits=vae%2Ccheckpoint', '/choices/vae_approx'])
  await Promise.resolve()
  expect(parts.catalogue.getState().choices[choicesKey(some)]).toEqual(['2'])
  refreshChoices(parts, 'vae')
  expect(asked.slice(3)).toEqual(['/choices/vae', '/choices/vae?fits=vae%2Ccheckpoint'])
})
