/** Fetches node types and choices: from the browser's store first, then from the server by ETag. */
import { http } from '../api/http'
import type { Catalogue } from '../api/types'
import { kv } from '../storage/database'
import { defsStore, type LeftOut, setCatalogue, setChoices } from './store'

interface Kept {
  etag: string
  catalogue: Catalogue
}

let etag = ''

export async function loadKeptCatalogue(): Promise<void> {
  const kept = await kv.get<Kept>('catalogue')
  if (!kept || defsStore.getState().loaded) return
  etag = kept.etag
  setCatalogue(kept.catalogue)
}

/** Ask the server; nothing happens when it has what we have. */
export async function refreshCatalogue(): Promise<void> {
  const answer = await http.get('/node-types', etag ? { 'If-None-Match': etag } : {})
  if (answer.status === 304) return
  const catalogue = (await answer.json()) as Catalogue
  if (!catalogue.nodes.length && defsStore.getState().loaded) return
  etag = answer.headers.get('ETag') ?? ''
  setCatalogue(catalogue)
  if (catalogue.nodes.length) await kv.set('catalogue', { etag, catalogue } satisfies Kept)
}

const asked = new Set<string>()

/** Have the names of a folder fetched once; later changes are told over the websocket. */
export function wantChoices(folder: string): void {
  if (asked.has(folder)) return
  asked.add(folder)
  void refreshChoices(folder)
}

export async function refreshChoices(folder: string): Promise<void> {
  if (!asked.has(folder)) return
  try {
    const answer = await http.json<{ names: string[]; left_out: LeftOut[] }>(
      `/choices/${encodeURIComponent(folder)}`,
    )
    setChoices(folder, answer.names, answer.left_out)
  } catch {
    asked.delete(folder)
  }
}

export function refreshAllChoices(): void {
  for (const folder of asked) void refreshChoices(folder)
}
