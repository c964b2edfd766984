/** Live previews as bitmaps, by node. Kept out of the stores: a bitmap is closed when a newer one takes its place. */

const bitmaps = new Map<string, ImageBitmap>()
const readers = new Map<string, Set<() => void>>()
const newest = new Map<string, number>()
let latest = ''

function tell(node: string): void {
  for (const key of [node, '']) for (const reader of readers.get(key) ?? []) reader()
}

export async function putPreview(node: string, seq: number, picture: Blob): Promise<void> {
  newest.set(node, seq)
  const bitmap = await createImageBitmap(picture).catch(() => null)
  if (!bitmap) return
  if (newest.get(node) !== seq) return bitmap.close()
  bitmaps.get(node)?.close()
  bitmaps.set(node, bitmap)
  latest = node
  tell(node)
}

export function dropPreviews(): void {
  const nodes = [...bitmaps.keys()]
  for (const bitmap of bitmaps.values()) bitmap.close()
  bitmaps.clear()
  newest.clear()
  latest = ''
  for (const node of nodes) tell(node)
}

export function dropPreview(node: string): void {
  newest.delete(node)
  const bitmap = bitmaps.get(node)
  if (!bitmap) return
  bitmap.close()
  bitmaps.delete(node)
  if (latest === node) latest = [...bitmaps.keys()].at(-1) ?? ''
  tell(node)
}

export const previewOf = (node: string): ImageBitmap | null => bitmaps.get(node) ?? null
export const latestPreview = (): string => latest

/** Be told when the preview of a node changes; with '', of any node. */
export function onPreview(node: string, reader: () => void): () => void {
  const set = readers.get(node) ?? new Set()
  readers.set(node, set.add(reader))
  return () => set.delete(reader)
}
