/** Fetches node types and choices: from the browser's store first, then from the server by ETag. */
import type { Http } from '../api/http'
import type { Catalogue, Choices, FileWidget } from '../api/types'
import type { Storage } from '../storage/database'
import { type CatalogueStore, choicesKey } from './store'

interface Parts {
  catalogue: CatalogueStore
  http: Http
  storage: Storage
}

interface Kept {
  etag: string
  catalogue: Catalogue
}

export async function loadKeptCatalogue({ catalogue, storage }: Parts): Promise<void> {
  const kept = await storage.get<Kept>('catalogue')
  if (!kept || catalogue.getState().loaded) return
  catalogue.etag = kept.etag
  catalogue.setTypes(kept.catalogue)
}

/** Asks the server; nothing happens when it has what is here. */
export async function refreshCatalogue({ catalogue, http, storage }: Parts): Promise<void> {
  const { etag } = catalogue
  const answer = await http.get('/node-types', etag ? { 'If-None-Match': etag } : {})
  if (answer.status === 304) return
  const found = (await answer.json()) as Catalogue
  if (!found.nodes.length && catalogue.getState().loaded) return
  catalogue.etag = answer.headers.get('ETag') ?? ''
  catalogue.setTypes(found)
  if (found.nodes.length)
    await storage.set('catalogue', { etag: catalogue.etag, catalogue: found } satisfies Kept)
}

/** Fetches the names that a file input offers once; later changes come over the websocket. */
export function wantChoices(parts: Parts, widget: FileWidget): void {
  const { wanted } = parts.catalogue
  const key = choicesKey(widget)
  if (wanted.has(key)) return
  wanted.add(key)
  void refresh(parts, key)
}

/** Fetches the names of a folder again, for all inputs that were asked for. */
export function refreshChoices(parts: Parts, folder: string): void {
  for (const key of parts.catalogue.wanted)
    if (key === folder || key.startsWith(`${folder}?`)) void refresh(parts, key)
}

async function refresh({ catalogue, http }: Parts, key: string): Promise<void> {
  const [folder = '', fits] = key.split('?')
  const address = `/choices/${encodeURIComponent(folder)}`
  try {
    const answer = await http.json<Choices>(fits ? `${address}?fits=${encodeURIComponent(fits)}` : address)
    catalogue.setChoices(key, answer.names, answer.left_out)
  } catch {
    catalogue.wanted.delete(key)
  }
}

export function refreshAllChoices(parts: Parts): void {
  for (const key of parts.catalogue.wanted) void refresh(parts, key)
}

/** Fetches all choices again when a person comes back to the page: files may have come and gone meanwhile. */
export function watchReturnForChoices(parts: Parts): void {
  addEventListener('focus', () => refreshAllChoices(parts))
}
