/** What the worker is doing, in a word. */
import { useStore } from 'zustand'
import type { WorkerInfo } from '../api/types'
import { useEditor } from '../editor/context'
import './WorkerChip.css'

const WORDS: Record<WorkerInfo['state'], [text: string, help: string]> = {
  starting: [
    'Getting ready',
    'The worker is loading what it needs to paint. You can edit; what you run waits in the queue.',
  ],
  ready: ['Ready', 'Waiting for a run.'],
  running: ['Painting', 'A run is going on.'],
  stopped: ['Stopped', 'The worker is not running.'],
}

export function WorkerChip() {
  const editor = useEditor()
  const worker = useStore(editor.run, (state) => state.worker)
  const online = useStore(editor.run, (state) => state.online)
  if (!worker || !online) {
    return (
      <span className="chip is-starting" role="status">
        <i aria-hidden="true" /> Connecting
      </span>
    )
  }
  const [text, help] = WORDS[worker.state]
  const where = worker.device ? ` on ${worker.device === 'cpu' ? 'the processor (CPU)' : worker.device}` : ''
  return (
    <span
      className={`chip is-${worker.state}`}
      role="status"
      title={`${help}${worker.state === 'stopped' ? '' : ` It runs${where || ' here'}.`}${worker.message ? `\n${worker.message}` : ''}`}
    >
      <i aria-hidden="true" /> {text}
    </span>
  )
}
