/**
 * Pictures of files that may change below the page. The server is asked whether what the browser holds is still the
 * file; only what changed is sent.
 */
import { useEffect, useState } from 'react'
import { useStore } from 'zustand'
import { type Http, inWords } from '../api/http'
import { useEditor } from './context'

/** A number that rises when pictures of files have to be fetched again. */
export const useLooked = (): number => useStore(useEditor().fresh, ({ times }) => times)

export interface Fresh {
  /** The address for an image element; '' while there is none. */
  source: string
  /** Why there is no address. */
  problem: string
}

const NOTHING: Fresh = { source: '', problem: '' }

/** What an address of the API gives now, kept up to date; '' asks for nothing. */
export function useFresh(path: string): Fresh {
  const { http } = useEditor()
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
    void look(http, path, ended.signal).then((now) => {
      if (ended.signal.aborted || !now) return
      setFound((before) =>
        before.path === path && before.version === now.version ? before : { ...now, path },
      )
    })
    return () => ended.abort()
  }, [http, path, times])
  // an address of a blob holds its bytes until it is let go
  useEffect(() => () => void (found.source && URL.revokeObjectURL(found.source)), [found.source])
  return found.path === path ? found : NOTHING
}

async function look(
  http: Http,
  path: string,
  signal: AbortSignal,
): Promise<(Fresh & { version: string }) | null> {
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
