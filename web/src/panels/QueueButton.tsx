/** The queue: running and waiting runs in their order. */
import { ArrowUpToLine, ListOrdered, X } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { useStore } from 'zustand'
import { cancel, move } from '../actions/run'
import type { RunInfo } from '../api/types'
import { Elapsed } from '../components/Elapsed'
import { ago, seconds } from '../components/format'
import { useEditor } from '../editor/context'
import './QueueButton.css'

export function QueueButton() {
  const editor = useEditor()
  const open = useStore(editor.ui, (state) => state.queueOpen)
  const count = useStore(editor.run, (state) => state.queue.length + state.running.length)
  const around = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (!open) return
    const close = () => editor.ui.setState({ queueOpen: false })
    const away = (event: Event) => !around.current?.contains(event.target as Node) && close()
    const key = (event: KeyboardEvent) => event.key === 'Escape' && close()
    addEventListener('pointerdown', away, true)
    addEventListener('keydown', key)
    return () => {
      removeEventListener('pointerdown', away, true)
      removeEventListener('keydown', key)
    }
  }, [editor, open])
  return (
    <div className="queue-anchor" ref={around}>
      <button
        type="button"
        className="bar-button"
        aria-expanded={open}
        title="The queue of runs (Q)"
        onClick={() => editor.ui.setState({ queueOpen: !open })}
      >
        <ListOrdered size={16} />
        <span>Queue</span>
        {count > 0 && <b className="count">{count}</b>}
      </button>
      {open && <QueuePanel />}
    </div>
  )
}

const STATUS: Record<RunInfo['status'], string> = {
  queued: 'waiting',
  running: 'running',
  finished: 'finished',
  failed: 'failed',
  cancelled: 'cancelled',
  refused: 'refused',
}

function QueuePanel() {
  const editor = useEditor()
  const { runs, queue, running } = useStore(editor.run)
  const now = running.map((id) => runs[id]).filter((run) => run !== undefined)
  const waiting = queue.map((id) => runs[id]).filter((run) => run !== undefined)
  const ended = Object.values(runs)
    .filter((run) => !['queued', 'running'].includes(run.status))
    .sort((one, other) => (other.finished ?? 0) - (one.finished ?? 0))
    .slice(0, 6)
  return (
    <section className="queue-panel" aria-label="Queue">
      {!now.length && !waiting.length && (
        <p className="quiet">Nothing waits. Each press of Run adds one run here.</p>
      )}
      {now.map((run) => (
        <Line
          key={run.id}
          run={run}
          words={run.draining ? 'saving' : undefined}
          note={run.cancelling ? 'stopping' : <Elapsed since={run.started} />}
        >
          <button
            type="button"
            className="icon-button"
            aria-label="Cancel this run"
            onClick={() => void cancel(editor, run.id)}
          >
            <X size={15} />
          </button>
        </Line>
      ))}
      {waiting.map((run, at) => (
        <Line key={run.id} run={run} note={at === 0 ? 'next' : `place ${at + 1}`}>
          {at > 0 && (
            <button
              type="button"
              className="icon-button"
              aria-label="Run this one next"
              title="Run this one next"
              onClick={() => void move(editor, run.id, 0)}
            >
              <ArrowUpToLine size={15} />
            </button>
          )}
          <button
            type="button"
            className="icon-button"
            aria-label="Take out of the queue"
            title="Take out of the queue"
            onClick={() => void cancel(editor, run.id)}
          >
            <X size={15} />
          </button>
        </Line>
      ))}
      {ended.length > 0 && <h4>Lately</h4>}
      {ended.map((run) => (
        <Line
          key={run.id}
          run={run}
          note={run.finished ? `${run.seconds ? `${seconds(run.seconds)} · ` : ''}${ago(run.finished)}` : ''}
        />
      ))}
    </section>
  )
}

function Line({
  run,
  words = STATUS[run.status],
  note,
  children,
}: {
  run: RunInfo
  words?: string | undefined
  note: React.ReactNode
  children?: React.ReactNode
}) {
  return (
    <div className={`queue-line is-${run.status}`}>
      <i aria-hidden="true" />
      <div>
        <strong>{run.title || 'Untitled workflow'}</strong>
        <span>
          {words}
          {note && ' · '}
          {note}
        </span>
      </div>
      {children}
    </div>
  )
}
