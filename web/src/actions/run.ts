/** Running: submit, cancel, reorder, and finding the own run again after a reload. */
import { ApiFailure, inWords } from '../api/http'
import type { Json, RunDetail, RunInfo } from '../api/types'
import { writeSeeds } from '../document/edits'
import { writeDoc } from '../document/file'
import { parseJson } from '../document/json'
import type { Editor } from '../editor/editor'
import { NO_TROUBLE, reduceMessage, showDetail, troubleOf } from '../run/store'
import { newClientId, runClient } from '../storage/client'

const PATIENCE_MS = 15_000

/** Hand the document to the queue. `targets` limits the run to what these nodes need. */
export async function run(editor: Editor, targets?: string[]): Promise<void> {
  // the server draws seeds by node type, and knows those only after the first worker reported them
  await editor.catalogue.typesAreHere(PATIENCE_MS)
  const { doc, origin } = editor.doc.getState()
  const client = runClient(editor, origin.key)
  const text = writeDoc(doc, 0)
  const rest = JSON.stringify({
    ...(targets && { targets }),
    advance_seeds: true,
    client,
    key: newClientId(),
  })
  editor.run.setState(NO_TROUBLE)
  try {
    const answer = await editor.http.post('/runs', `{"workflow":${text},${rest.slice(1)}`)
    const { run: made, changed } = parseJson(await answer.text()) as unknown as {
      run: RunInfo
      changed?: Record<string, Json>
    }
    const stillOpen = editor.doc.getState().origin.key === origin.key
    if (changed && stillOpen && Object.keys(changed).length) {
      editor.doc.commit('Draw seeds', (_, doc) => writeSeeds(doc, changed), { byHand: false })
    }
    // the run may be over already: messages of the socket are newer than this answer
    editor.run.setState((state) =>
      state.runs[made.id] ? state : reduceMessage(state, { type: 'run', seq: 0, run: made }, client),
    )
  } catch (error) {
    refused(editor, error)
  }
}

function refused(editor: Editor, error: unknown): void {
  if (error instanceof ApiFailure && error.problems.length) {
    editor.run.setState({ ...troubleOf(error.error), shown: null })
    return
  }
  const { message, remedy } = inWords(error)
  editor.ui.toast(message, { detail: remedy, tone: 'bad' })
}

export async function cancel(editor: Editor, id: string): Promise<void> {
  try {
    await editor.http.post(`/runs/${id}/cancel`)
  } catch (error) {
    const { message, remedy } = inWords(error)
    editor.ui.toast(message, { detail: remedy, tone: 'bad' })
  }
}

/** What cancelling means without choosing: the run that began last and is not stopping yet, else the next in the queue. */
export function cancelCurrent(editor: Editor): void {
  const { running, queue, runs } = editor.run.getState()
  const id = running.findLast((one) => !runs[one]?.cancelling) ?? queue[0]
  if (id) void cancel(editor, id)
}

export async function cancelAll(editor: Editor): Promise<void> {
  const { running, queue } = editor.run.getState()
  await Promise.all([...queue, ...running].map((id) => cancel(editor, id)))
}

export async function move(editor: Editor, id: string, position: number): Promise<void> {
  try {
    await editor.http.post(`/runs/${id}/move`, JSON.stringify({ position }))
  } catch (error) {
    editor.ui.toast(inWords(error).message, { tone: 'bad' })
  }
}

/** After a snapshot, which has the runs that are at work: when that of this page is over, show how it ended. */
export async function restoreShownRun(editor: Editor): Promise<void> {
  const { runs, running, shown } = editor.run.getState()
  const { key } = editor.doc.getState().origin
  const mine = Object.values(runs)
    .filter((entry) => entry.client === runClient(editor, key) && entry.status !== 'queued')
    .sort((one, other) => (other.started ?? 0) - (one.started ?? 0))
  const [newest] = mine
  if (!newest || mine.some(({ id }) => running.includes(id))) return
  try {
    const detail = await editor.http.json<RunDetail>(`/runs/${newest.id}`)
    // meanwhile another run may have begun, or another document have been opened
    if (editor.doc.getState().origin.key !== key) return
    editor.run.setState((state) => (state.shown === shown ? showDetail(state, detail) : state))
  } catch {
    // an old run that was forgotten meanwhile
  }
}
