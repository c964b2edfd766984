/** The live preview of a node, for a component. */
import { useSyncExternalStore } from 'react'
import { useStore } from 'zustand'
import { useEditor } from './context'

export function usePreview(id: string): ImageBitmap | null {
  const { run, previews } = useEditor()
  const node = useStore(run, (state) => state.scope) + id
  const now = () => previews.previewOf(node)
  return useSyncExternalStore((changed) => previews.watchPreview(node, changed), now, now)
}

/** The preview that came last, of whatever node. */
export function useLatestPreview(): ImageBitmap | null {
  const { previews } = useEditor()
  const now = () => previews.previewOf(previews.latestPreview())
  return useSyncExternalStore((changed) => previews.watchPreview('', changed), now, now)
}
