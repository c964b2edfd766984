/** The pictures of all runs, newest first, page by page. */
import { http } from '../api/http'
import type { Output } from '../api/types'
import { runStore } from './store'

const PAGE = 60

interface Page {
  outputs: Output[]
  next: number | null
}

/** What the page after those that are here is asked for with; null at the end of the list. */
let following: number | null | undefined

/** Fetch the newest pictures, or those before the oldest one known. Answers whether there may be more. */
export async function loadOutputs(older = false): Promise<boolean> {
  const before = older && following ? `&before=${following}` : ''
  try {
    const { outputs, next } = await http.json<Page>(`/outputs?limit=${PAGE}${before}`)
    if (older || following === undefined) following = next
    runStore.setState((state) => {
      const ids = new Set(state.outputs.map((output) => output.id))
      const merged = [...state.outputs, ...outputs.filter((output) => !ids.has(output.id))]
      return { outputs: merged.sort((one, other) => other.created - one.created) }
    })
    return following !== null
  } catch {
    return false
  }
}
