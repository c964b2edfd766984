/** When to fetch pictures again whose files may change while the page is open. */
import { createStore } from 'zustand/vanilla'

const SOON_MS = 150

export function createFreshPictures() {
  // rises when files may have changed: after a run, when the server reports it, when a person comes back to the page
  const store = createStore<{ times: number }>(() => ({ times: 0 }))
  let timer: ReturnType<typeof setTimeout> | undefined
  return {
    ...store,
    /** Fetches all pictures again, once for reasons that come together. */
    lookAgain(): void {
      if (timer !== undefined) return
      timer = setTimeout(() => {
        timer = undefined
        store.setState(({ times }) => ({ times: times + 1 }))
      }, SOON_MS)
    },
  }
}

export type FreshPictures = ReturnType<typeof createFreshPictures>

export function watchReturn({ fresh }: { fresh: FreshPictures }): void {
  addEventListener('focus', fresh.lookAgain)
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) fresh.lookAgain()
  })
}
