/**
 * Pictures of files that may change below the page: when to look at them anew. The server is asked whether what the
 * browser holds is still the file; only what changed is sent.
 */
import { useEffect, useState } from 'react'
import { createStore, useStore } from 'zustand'
import { http, inWords } from '../api/http'

/** Rises when files may have changed: after a run, when the server says so, when a person comes back to the page. */
const looked = createStore<{ times: number }>(() => ({ times: 0 }))

const SOON_MS = 150
let timer = 0

/** Look at all pictures anew, once for reasons that come together. */
export function lookAgain(): void {
  if (timer) return
  timer = window.setTimeout(() => {
    timer = 0
    looked.setState(({ times }) => ({ times: times + 1 }))
  }, SOON_MS)
}

export function watchReturn(): void {
  addEventListener('focus', lookAgain)
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) lookAgain()
  })
}

export const useLooked = (): number => useStore(looked, ({ times }) => times)

export interface Fresh {
  /** An address for an image element; '' before there is one. */
  source: string
  /** Why there is none. */
  problem: string
}

const NOTHING: Fresh = { source: '', problem: '' }

/** What an address of the API gives now, kept up to date; '' asks for nothing. */
export function useFresh(path: string): Fresh {
  const times = useLooked()
  const [found, setFound] = useState<Fresh & { path: string; version: string }>({
    ...NOTHING,
    path: '',
    version: '',
  })
  // biome-ignore lint/correctness/useExhaustiveDependencies: `times` is the reason to look again
  useEffect(() => {
    if (!path) return
    const ended = new AbortController()
    void look(path, ended.signal).then((now) => {
      if (ended.signal.aborted || !now) return
      setFound((before) =>
        before.path === path && before.version === now.version ? before : { ...now, path },
      )
    })
    return () => ended.abort()
  }, [path, times])
  // an address of a blob holds its bytes until it is let go
  useEffect(() => () => void (found.source && URL.revokeObjectURL(found.source)), [found.source])
  return found.path === path ? found : NOTHING
}

async function look(path: string, signal: AbortSignal): Promise<(Fresh & { version: string }) | null> {
  try {
    const answer = await http.fresh(path, signal)
    const version = answer.headers.get('ETag') ?? ''
    return { source: URL.createObjectURL(await answer.blob()), problem: '', version }
  } catch (error) {
    if (signal.aborted) return null
    const { message } = inWords(error)
    return { source: '', problem: message, version: `problem: ${message}` }
  }
}
