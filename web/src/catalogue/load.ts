/** Fetches node types and choices: from the browser's store first, then from the server by ETag. */
import type { Http } from '../api/http'
import type { Catalogue } from '../api/types'
import type { Storage } from '../storage/database'
import type { CatalogueStore, LeftOut } from './store'

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

/** Fetches the names of a folder once; later changes come over the websocket. */
export function wantChoices(parts: Parts, folder: string): void {
  const { folders } = parts.catalogue
  if (folders.has(folder)) return
  folders.add(folder)
  void refreshChoices(parts, folder)
}

export async function refreshChoices({ catalogue, http }: Parts, folder: string): Promise<void> {
  if (!catalogue.folders.has(folder)) return
  try {
    const answer = await http.json<{ names: string[]; left_out: LeftOut[] }>(
      `/choices/${encodeURIComponent(folder)}`,
    )
    catalogue.setChoices(folder, answer.names, answer.left_out)
  } catch {
    catalogue.folders.delete(folder)
  }
}

export function refreshAllChoices(parts: Parts): void {
  for (const folder of parts.catalogue.folders) void refreshChoices(parts, folder)
}
