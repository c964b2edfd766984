/** The live preview of a node, for a component. */
import { useSyncExternalStore } from 'react'
import { latestPreview, onPreview, previewOf } from './previews'

export function usePreview(node: string): ImageBitmap | null {
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
