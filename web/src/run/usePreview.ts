/** The live preview of a node, for a component. */
import { useSyncExternalStore } from 'react'
import { useStore } from 'zustand'
import { latestPreview, onPreview, previewOf } from './previews'
import { runStore } from './store'

export function usePreview(id: string): ImageBitmap | null {
  const node = useStore(runStore, (state) => state.scope) + id
  return useSyncExternalStore(
    (changed) => onPreview(node, changed),
    () => previewOf(node),
  )
}

/** The preview that came last, of whatever node. */
export function useLatestPreview(): ImageBitmap | null {
  return useSyncExternalStore(
    (changed) => onPreview('', changed),
    () => previewOf(latestPreview()),
  )
}
