/** Running: submit, cancel, reorder, and finding the own run again after a reload. */
import { ApiFailure, http, inWords } from '../api/http'
import type { Json, RunDetail, RunInfo } from '../api/types'
import { typesAreHere } from '../catalogue/store'
import { writeSeeds } from '../document/edits'
import { writeDoc } from '../document/file'
import { parseJson } from '../document/json'
import { docStore } from '../document/store'
import { NO_TROUBLE, reduceMessage, runStore, showDetail, troubleOf } from '../run/store'
import { toast } from '../state/ui'
import { newClientId, runMark } from '../storage/client'

const PATIENCE_MS = 15_000

/** Hand the document to the queue. `targets` limits the run to what these nodes need. */
export async function run(targets?: string[]): Promise<void> {
  // the server draws seeds by the node types, which the very first worker has yet to tell
  await typesAreHere(PATIENCE_MS)
  const { doc, origin } = docStore.getState()
  const mark = runMark(origin.key)
  const text = writeDoc(doc, 0)
  const rest = JSON.stringify({
    ...(targets && { targets }),
    advance_seeds: true,
    client: mark,
    key: newClientId(),
  })
  runStore.setState(NO_TROUBLE)
  try {
    const answer = await http.post('/runs', `{"workflow":${text},${rest.slice(1)}`)
    const { run: made, changed } = parseJson(await answer.text()) as unknown as {
      run: RunInfo
      changed?: Record<string, Json>
    }
    const stillOpen = docStore.getState().origin.key === origin.key
    if (changed && stillOpen && Object.keys(changed).length) {
      docStore.commit('Draw seeds', (_, doc) => writeSeeds(doc, changed), { byHand: false })
    }
    // the run may be over already: what the socket told of it is newer than this answer
    runStore.setState((state) =>
      state.runs[made.id] ? state : reduceMessage(state, { type: 'run', seq: 0, run: made }, mark),
    )
  } catch (error) {
    refused(error)
  }
}

function refused(error: unknown): void {
  if (error instanceof ApiFailure && error.problems.length) {
    runStore.setState({ ...troubleOf(error.error), shown: null })
    return
  }
  const { message, remedy } = inWords(error)
  toast(message, { detail: remedy, tone: 'bad' })
}

export async function cancel(id: string): Promise<void> {
  try {
    await http.post(`/runs/${id}/cancel`)
  } catch (error) {
    const { message, remedy } = inWords(error)
    toast(message, { detail: remedy, tone: 'bad' })
  }
}

/** What cancelling means without choosing: the run that began last and is not stopping yet, else the next in the queue. */
export function cancelCurrent(): void {
  const { running, queue, runs } = runStore.getState()
  const id = running.findLast((one) => !runs[one]?.cancelling) ?? queue[0]
  if (id) void cancel(id)
}

export async function cancelAll(): Promise<void> {
  const { running, queue } = runStore.getState()
  await Promise.all([...queue, ...running].map(cancel))
}

export async function move(id: string, position: number): Promise<void> {
  try {
    await http.post(`/runs/${id}/move`, JSON.stringify({ position }))
  } catch (error) {
    toast(inWords(error).message, { tone: 'bad' })
  }
}

/** After a snapshot, which has the runs that are at work: when that of this page is over, show how it ended. */
export async function restoreShownRun(): Promise<void> {
  const { runs, running, shown } = runStore.getState()
  const { key } = docStore.getState().origin
  const mine = Object.values(runs)
    .filter((entry) => entry.client === runMark(key) && entry.status !== 'queued')
    .sort((one, other) => (other.started ?? 0) - (one.started ?? 0))
  const [newest] = mine
  if (!newest || mine.some(({ id }) => running.includes(id))) return
  try {
    const detail = await http.json<RunDetail>(`/runs/${newest.id}`)
    // meanwhile another run may have begun, or another document have been opened
    if (docStore.getState().origin.key !== key) return
    runStore.setState((state) => (state.shown === shown ? showDetail(state, detail) : state))
  } catch {
    // an old run that was forgotten meanwhile
  }
}
