/** The result of the shown run: live preview, finished pictures, status, and recent pictures. */
import { Download, Images, Maximize2 } from 'lucide-react'
import { useStore } from 'zustand'
import { pictureAddress } from '../api/address'
import type { Artifact, RunInfo } from '../api/types'
import { Elapsed } from '../components/Elapsed'
import { seconds } from '../components/format'
import { ClothMark } from '../components/Logo'
import { PreviewCanvas } from '../components/PreviewCanvas'
import { Shot } from '../components/Shot'
import { useEditor } from '../editor/context'
import { useLatestPreview } from '../editor/usePreview'
import { statesShown } from '../run/store'
import { allWarnings } from '../run/warnings'
import { keysInWords } from '../state/keys'
import { RecentPictures } from './RecentPictures'
import { ResultWarnings } from './ResultWarnings'
import './ResultPanel.css'

const NONE: readonly Artifact[] = []

export function ResultPanel() {
  const editor = useEditor()
  const pictures = useStore(editor.run, (state) => state.pictures[state.lastMaker ?? ''] ?? NONE)
  const run = useStore(editor.run, (state) => state.runs[state.shown ?? ''])
  const preview = useLatestPreview()
  const newest = useStore(editor.run, (state) => state.newest)
  const at = Math.max(0, newest ? pictures.indexOf(newest) : 0)
  const first = pictures[at]
  return (
    <aside className="result" aria-label="Result">
      <div className={`result-picture${run?.status === 'running' && !preview && first ? ' is-stale' : ''}`}>
        {preview && run?.status === 'running' ? (
          <PreviewCanvas bitmap={preview} label="The picture so far" />
        ) : first ? (
          <button
            type="button"
            aria-label="Look at the result in full size"
            onClick={() => editor.ui.viewPictures(pictures, at)}
          >
            <Shot src={pictureAddress(first.url)} alt="Result of the last run" />
          </button>
        ) : (
          <Waiting />
        )}
      </div>
      {pictures.length > 1 && <Batch pictures={pictures} shown={at} />}
      <div className="result-line">
        <Status run={run} />
        {first && (
          <span className="actions">
            <button
              type="button"
              className="icon-button"
              aria-label="Full size"
              title="Full size"
              onClick={() => editor.ui.viewPictures(pictures, at)}
            >
              <Maximize2 size={15} />
            </button>
            <a
              className="icon-button"
              href={pictureAddress(first.url)}
              download={first.name.split('/').at(-1)}
              aria-label="Download the picture"
              title="Download the picture"
            >
              <Download size={15} />
            </a>
          </span>
        )}
      </div>
      <ResultWarnings />
      <div className="result-recent">
        <header>
          <h3>Recent pictures</h3>
          <button
            type="button"
            className="link-button"
            onClick={() => editor.commands.perform('view.gallery')}
          >
            <Images size={14} /> All
          </button>
        </header>
        <RecentPictures />
      </div>
    </aside>
  )
}

function Waiting() {
  const editor = useEditor()
  const starting = useStore(editor.run, (state) => state.worker?.state === 'starting')
  return (
    <div className="result-waiting">
      <ClothMark />
      <h3>Your picture appears here</h3>
      <p>
        Say what to paint in the Prompt node, then press <b>Run</b> or <kbd>{keysInWords('mod+Enter')}</kbd>.
      </p>
      {starting && (
        <p className="quiet">
          Jacquard is still getting ready. You can press Run already: it starts by itself.
        </p>
      )}
    </div>
  )
}

const intoSight = (button: HTMLElement | null) =>
  button?.scrollIntoView({ block: 'nearest', inline: 'nearest' })

function Batch({ pictures, shown }: { pictures: readonly Artifact[]; shown: number }) {
  const editor = useEditor()
  return (
    <div className="result-batch">
      {pictures.map((picture, at) => (
        <button
          key={picture.url}
          ref={at === shown ? intoSight : undefined}
          type="button"
          aria-current={at === shown}
          aria-label={`Look at picture ${at + 1}`}
          onClick={() => editor.ui.viewPictures(pictures, at)}
        >
          <Shot
            src={pictureAddress(picture.thumbnail || picture.url)}
            alt={`Result ${at + 1}`}
            loading="lazy"
          />
        </button>
      ))}
    </div>
  )
}

function Status({ run }: { run: RunInfo | undefined }) {
  const editor = useEditor()
  const nodes = useStore(editor.run, (state) => statesShown(state).nodes)
  const warned = useStore(editor.run, (state) => allWarnings(statesShown(state)))
  const queued = useStore(editor.run, (state) => state.queue.length)
  const states = Object.values(nodes)
  const done = states.filter((node) => node.state === 'finished' || node.state === 'reused').length
  const reused = states.filter((node) => node.state === 'reused').length
  if (!run) return <span className="status">{queued ? 'Waiting in the queue' : 'Not run yet'}</span>
  switch (run.status) {
    case 'running':
      return (
        <span className="status is-running" role="status">
          <span>
            {run.cancelling
              ? 'Stopping'
              : run.draining
                ? 'Saving'
                : run.attempt > 1
                  ? `Painting again (try ${run.attempt})`
                  : 'Painting'}{' '}
            · <Elapsed since={run.started} />
          </span>
          <progress aria-label="Nodes done" max={Math.max(1, states.length)} value={done} />
        </span>
      )
    case 'finished':
      return (
        <span className={`status ${warned ? 'is-warned' : 'is-good'}`} role="status">
          {warned
            ? `Finished with ${warned} warning${warned > 1 ? 's' : ''} · ${seconds(run.seconds ?? 0)}`
            : `Finished in ${seconds(run.seconds ?? 0)}`}
          {reused > 0 && (
            <em>
              {' '}
              · {reused} of {states.length} reused
            </em>
          )}
        </span>
      )
    case 'failed':
    case 'refused':
      return (
        <span className="status is-bad" role="status">
          Did not finish. {run.failures?.at(-1)?.message ?? 'The node that failed says why.'}
        </span>
      )
    case 'cancelled':
      return (
        <span className="status" role="status">
          Cancelled
        </span>
      )
    default:
      return (
        <span className="status" role="status">
          {run.failures?.length
            ? `${run.failures.at(-1)?.message} It is tried again.`
            : 'Waiting in the queue'}
        </span>
      )
  }
}
