/** When to look anew at pictures of files that may change below the page. */
import { createStore } from 'zustand/vanilla'

const SOON_MS = 150

export function createFreshPictures() {
  // rises when files may have changed: after a run, when the server says so, when a person comes back to the page
  const store = createStore<{ times: number }>(() => ({ times: 0 }))
  let timer: ReturnType<typeof setTimeout> | undefined
  return {
    ...store,
    /** Look at all pictures anew, once for reasons that come together. */
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
