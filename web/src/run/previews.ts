/** Live previews as bitmaps, by node. Kept out of the stores: a bitmap is closed when a newer one takes its place. */

/** A node, and those that contain it. */
function around(node: string): string[] {
  const parts = node.split('/')
  return parts.map((_, at) => parts.slice(0, at + 1).join('/'))
}

export function createPreviews() {
  const bitmaps = new Map<string, ImageBitmap>()
  const readers = new Map<string, Set<() => void>>()
  const newest = new Map<string, number>()
  let latest = ''

  function notify(node: string): void {
    for (const key of [...around(node), '']) for (const reader of readers.get(key) ?? []) reader()
  }

  async function putPreview(node: string, seq: number, picture: Blob): Promise<void> {
    newest.set(node, seq)
    const bitmap = await createImageBitmap(picture).catch(() => null)
    if (!bitmap) return
    if (newest.get(node) !== seq) return bitmap.close()
    bitmaps.get(node)?.close()
    bitmaps.set(node, bitmap)
    latest = node
    notify(node)
  }

  function dropPreviews(): void {
    const nodes = [...bitmaps.keys()]
    for (const bitmap of bitmaps.values()) bitmap.close()
    bitmaps.clear()
    newest.clear()
    latest = ''
    for (const node of nodes) notify(node)
  }

  function dropPreview(node: string): void {
    newest.delete(node)
    const bitmap = bitmaps.get(node)
    if (!bitmap) return
    bitmap.close()
    bitmaps.delete(node)
    if (latest === node) latest = [...bitmaps.keys()].at(-1) ?? ''
    notify(node)
  }

  /** The preview of a node, or the latest of those inside it. */
  function previewOf(node: string): ImageBitmap | null {
    const own = bitmaps.get(node)
    if (own || !node) return own ?? null
    const inside = [...bitmaps.keys()].findLast((key) => key.startsWith(`${node}/`))
    return (inside && bitmaps.get(inside)) || null
  }

  /** Calls `reader` when the preview of a node changes; with '', of any node. */
  function watchPreview(node: string, reader: () => void): () => void {
    const set = readers.get(node) ?? new Set()
    readers.set(node, set.add(reader))
    return () => set.delete(reader)
  }

  return {
    putPreview,
    dropPreview,
    dropPreviews,
    previewOf,
    latestPreview: (): string => latest,
    watchPreview,
  }
}

export type Previews = ReturnType<typeof createPreviews>
