/** The pictures of all runs, newest first, page by page. */
import { http } from '../api/http'
import type { Output } from '../api/types'
import { runStore } from './store'

const PAGE = 60

/** Fetch the newest pictures, or those before the oldest one known. Answers whether there may be more. */
export async function loadOutputs(older = false): Promise<boolean> {
  const known = runStore.getState().outputs
  const before = older ? known.at(-1)?.id : undefined
  try {
    const query = `?limit=${PAGE}${before === undefined ? '' : `&before=${encodeURIComponent(before)}`}`
    const { outputs } = await http.json<{ outputs: Output[] }>(`/outputs${query}`)
    runStore.setState((state) => {
      const ids = new Set(state.outputs.map((output) => output.id))
      const merged = [...state.outputs, ...outputs.filter((output) => !ids.has(output.id))]
      return { outputs: merged.sort((one, other) => other.created - one.created) }
    })
    return outputs.length === PAGE
  } catch {
    return false
  }
}
