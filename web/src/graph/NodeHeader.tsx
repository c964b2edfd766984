/** Title first, technical name second; on the right how the run goes: progress, time, reused, muted. */
import { Ban, CircleHelp, Recycle, Route } from 'lucide-react'
import { useRef, useState } from 'react'
import { useStore } from 'zustand'
import type { NodeType } from '../api/types'
import { ui } from '../app/ui'
import { setNodeTitle } from '../doc/edits'
import { docStore } from '../doc/store'
import type { DocNode, NodeId } from '../doc/types'
import { type NodeRun, runStore } from '../run/store'
import { Elapsed } from '../ui/Elapsed'
import { seconds } from '../ui/format'
import { HelpCard } from '../ui/HelpCard'
import { titleOf } from './flow'

export function NodeHeader(props: {
  id: NodeId
  node: DocNode
  type: NodeType | undefined
  missing: boolean
  renaming: boolean
}) {
  const { id, node, type, missing, renaming } = props
  const title = titleOf(node, type)
  const second = missing
    ? `${node.type} · not installed`
    : node.title && type
      ? `${type.title} · ${node.type}`
      : node.type
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: a shortcut for the pointer; F2 does the same
    <header className="node-head" onDoubleClick={() => ui.setState({ renaming: id })}>
      <div className="node-names">
        {renaming ? (
          <TitleField id={id} title={node.title ?? ''} placeholder={type?.title ?? node.type} />
        ) : (
          <h3 title={title}>{title}</h3>
        )}
        <p title={second}>{second}</p>
      </div>
      <Badge id={id} node={node} />
      {type?.help && <Help type={type} />}
      <Progress id={id} />
    </header>
  )
}

function TitleField({ id, title, placeholder }: { id: NodeId; title: string; placeholder: string }) {
  const [text, setText] = useState(title)
  const finish = (keep: boolean) => {
    ui.setState({ renaming: null })
    if (keep && text.trim() !== title) docStore.commit('Rename', (doc) => setNodeTitle(doc, id, text.trim()))
  }
  return (
    <input
      className="node-title-field nodrag"
      aria-label="Title of the node"
      value={text}
      placeholder={placeholder}
      ref={(field) => field?.focus()}
      onChange={(event) => setText(event.target.value)}
      onBlur={() => finish(true)}
      onKeyDown={(event) => {
        event.stopPropagation()
        if (event.key === 'Enter') finish(true)
        if (event.key === 'Escape') finish(false)
      }}
    />
  )
}

function Badge({ id, node }: { id: NodeId; node: DocNode }) {
  const run = useStore(runStore, (state) => state.nodes[id])
  if (node.mode === 'muted')
    return (
      <span className="badge is-quiet" title="Muted: it does not run, nor does what needs it">
        <Ban size={12} /> muted
      </span>
    )
  if (node.mode === 'bypassed')
    return (
      <span className="badge is-quiet" title="Bypassed: it hands its input on unchanged">
        <Route size={12} /> bypassed
      </span>
    )
  return <RunBadge run={run} />
}

function RunBadge({ run }: { run: NodeRun | undefined }) {
  switch (run?.state) {
    case 'running':
      return (
        <span className="badge is-running">
          {run.maximum ? `${Math.round(((run.value ?? 0) / run.maximum) * 100)} % · ` : ''}
          <Elapsed since={run.startedAt} />
        </span>
      )
    case 'finished':
      return (
        <span className="badge is-done" title="How long this node took">
          {seconds(run.seconds ?? 0)}
        </span>
      )
    case 'reused':
      return (
        <span
          className="badge is-reused"
          title="Nothing it depends on has changed, so the result of an earlier run was used again"
        >
          <Recycle size={12} /> reused
        </span>
      )
    case 'failed':
      return <span className="badge is-failed">failed</span>
    case 'skipped':
      return <span className="badge is-quiet">skipped</span>
    case 'cancelled':
      return <span className="badge is-quiet">cancelled</span>
    case 'waiting':
      return <span className="badge is-quiet">waiting</span>
    default:
      return null
  }
}

function Progress({ id }: { id: NodeId }) {
  const share = useStore(runStore, (state) => {
    const run = state.nodes[id]
    if (run?.state !== 'running') return -1
    return run.maximum ? Math.min(1, (run.value ?? 0) / run.maximum) : 0
  })
  if (share < 0) return null
  return (
    <div
      className="node-progress"
      role="progressbar"
      aria-label="Progress of the node"
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(share * 100)}
    >
      <div style={{ transform: `scaleX(${share})` }} />
    </div>
  )
}

function Help({ type }: { type: NodeType }) {
  const [open, setOpen] = useState(false)
  const button = useRef<HTMLButtonElement>(null)
  return (
    <>
      <button
        ref={button}
        type="button"
        className="node-help nodrag"
        aria-label={`What is ${type.title}?`}
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        <CircleHelp size={15} />
      </button>
      {open && <HelpCard type={type} anchor={button.current} onClose={() => setOpen(false)} />}
    </>
  )
}
