/** The pictures of all runs, newest first, page by page. */
import { type Http, inWords } from '../api/http'
import type { Artifact, Output } from '../api/types'
import type { Ui } from '../state/ui'
import type { Pictures } from './pictures'
import type { RunStore } from './store'

const PAGE = 60

interface Page {
  outputs: Output[]
  next: number | null
}

interface Parts {
  run: RunStore
  ui: Ui
  http: Http
}

/** Fetches the newest pictures, or those before the oldest known one. Returns whether there may be more. */
export async function loadOutputs({ run, ui, http }: Parts, older = false): Promise<boolean> {
  const asked = new Set(run.getState().outputs.map(({ id }) => id))
  const before = older && run.nextOutputs ? `&before=${run.nextOutputs}` : ''
  try {
    const { outputs, next } = await http.json<Page>(`/outputs?limit=${PAGE}${before}`)
    if (older || run.nextOutputs === undefined) run.nextOutputs = next
    run.setState((state) => ({
      outputs: merged(state.outputs, outputs, before ? null : { isAll: next === null, asked }),
      ...readdressed(state, outputs),
    }))
    return run.nextOutputs !== null
  } catch (error) {
    if (older)
      ui.toast('Older pictures could not be fetched', { detail: inWords(error).message, tone: 'bad' })
    return older
  }
}

/**
 * What is known, with a page of what there is now. A file that was written over has another address; of the newest page,
 * which may be all there is, what was known when it was asked for and is not in it is gone.
 */
export function merged(
  known: readonly Output[],
  page: readonly Output[],
  newest: { isAll: boolean; asked: ReadonlySet<Output['id']> } | null,
): Output[] {
  const ids = new Set(page.map(({ id }) => id))
  const oldest = Math.min(...page.map(({ created }) => created))
  const isGone = ({ id, created }: Output) => newest?.asked.has(id) && (newest.isAll || created > oldest)
  const kept = known.filter((output) => !ids.has(output.id) && !isGone(output))
  return [...kept, ...page].sort((one, other) => other.created - one.created)
}

/** The pictures on nodes by the addresses that their files have now; nothing when these are the same. */
export function readdressed(
  { pictures, newest }: Pick<Pictures, 'pictures' | 'newest'>,
  page: readonly Output[],
): Partial<Pick<Pictures, 'pictures' | 'newest'>> {
  const placeOf = ({ folder, name }: Artifact) => `${folder}/${name}`
  const now = new Map(page.map((output) => [placeOf(output), output]))
  const fresh = new Map<Artifact, Artifact>()
  for (const artifact of Object.values(pictures).flat()) {
    const output = now.get(placeOf(artifact))
    if (output && output.url !== artifact.url)
      fresh.set(artifact, { ...artifact, url: output.url, thumbnail: output.thumbnail })
  }
  if (!fresh.size) return {}
  const renewed = (list: readonly Artifact[]) => list.map((artifact) => fresh.get(artifact) ?? artifact)
  return {
    pictures: Object.fromEntries(
      Object.entries(pictures).map(([id, list]) => [
        id,
        list.some((one) => fresh.has(one)) ? renewed(list) : list,
      ]),
    ),
    newest: (newest && fresh.get(newest)) ?? newest,
  }
}
