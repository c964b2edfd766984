/** The header of a node: title, type id, and the state of its run: progress, time, reused, muted. */
import { Ban, CircleHelp, Recycle, Route, SquareArrowOutUpRight } from 'lucide-react'
import { useRef, useState } from 'react'
import { useStore } from 'zustand'
import { openNode } from '../actions/enter'
import { renameDefinition } from '../actions/subworkflows'
import type { NodePhase, NodeType } from '../api/types'
import { packMissing } from '../catalogue/packs'
import { Elapsed } from '../components/Elapsed'
import { seconds } from '../components/format'
import { HelpCard } from '../components/HelpCard'
import { setNodeTitle } from '../document/edits'
import { subIdOf } from '../document/subworkflows'
import type { DocNode, NodeId } from '../document/types'
import { useEditor } from '../editor/context'
import { type NodeRun, nodeRun } from '../run/store'
import { titleOf } from '../scene/flowNodes'
import { WarningBadge } from './WarningBadge'
import './badge.css'
import './NodeHeader.css'

export function NodeHeader(props: {
  id: NodeId
  node: DocNode
  type: NodeType | undefined
  missing: boolean
  renaming: boolean
}) {
  const editor = useEditor()
  const { id, node, type, missing, renaming } = props
  const title = titleOf(node, type)
  const instance = subIdOf(node.type) !== null
  const pack = useStore(editor.catalogue, (state) =>
    missing ? packMissing(state.packs, node.type)?.name : undefined,
  )
  const second = pack ? `${node.type} · pack ${pack} was left out` : secondLine(node, type, missing)
  return (
    <header className="node-head">
      <div className="node-names">
        {renaming ? (
          <Title id={id} node={node} type={type} />
        ) : (
          <h3 title={instance ? `${title}\nDouble-click here to rename it, beside it to open it` : title}>
            {title}
          </h3>
        )}
        <p title={second}>{second}</p>
      </div>
      <WarningBadge id={id} />
      <Badge id={id} node={node} />
      {type?.help && <Help type={type} />}
      {instance && type && (
        <button
          type="button"
          className="node-help nodrag"
          aria-label={`Open ${title}`}
          title="Open it (Enter)"
          onClick={() => openNode(editor, id)}
        >
          <SquareArrowOutUpRight size={14} />
        </button>
      )}
      <Progress id={id} />
    </header>
  )
}

function secondLine(node: DocNode, type: NodeType | undefined, missing: boolean): string {
  const sub = subIdOf(node.type)
  if (missing) return sub === null ? `${node.type} · not installed` : `${sub} · its sub-workflow is missing`
  if (sub !== null && type) return node.title ? `${type.title} · sub-workflow` : 'sub-workflow'
  return node.title && type ? `${type.title} · ${node.type}` : node.type
}

/** Edits the title of this node, or that of its sub-workflow when `renamingSub` is set. */
function Title({ id, node, type }: { id: NodeId; node: DocNode; type: NodeType | undefined }) {
  const editor = useEditor()
  const sub = useStore(editor.ui, (state) => state.renamingSub) && type ? subIdOf(node.type) : null
  const usual = type?.title ?? node.type
  if (sub !== null)
    return (
      <TitleField
        label="Name of the sub-workflow"
        title={editor.doc.getState().doc.subs[sub]?.title || sub}
        placeholder={usual}
        onDone={(text) => renameDefinition(editor, sub, text)}
      />
    )
  return (
    <TitleField
      label="Title of the node"
      title={node.title || usual}
      placeholder={usual}
      onDone={(text) =>
        editor.doc.commit('Rename', (body) => setNodeTitle(body, id, text === usual ? '' : text))
      }
    />
  )
}

function TitleField(props: {
  label: string
  title: string
  placeholder: string
  onDone(text: string): void
}) {
  const editor = useEditor()
  const { label, title, placeholder, onDone } = props
  const [text, setText] = useState(title)
  const finish = (keep: boolean) => {
    editor.ui.setState({ renaming: null, renamingSub: false })
    if (keep && text.trim() !== title) onDone(text.trim())
  }
  return (
    <input
      className="node-title-field nodrag"
      aria-label={label}
      value={text}
      placeholder={placeholder}
      ref={begin}
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

const begin = (field: HTMLInputElement | null) => {
  field?.focus()
  field?.select()
}

function Badge({ id, node }: { id: NodeId; node: DocNode }) {
  const editor = useEditor()
  const run = useStore(editor.run, (state) => nodeRun(state, id))
  const unneeded = useStore(editor.run, (state) => editor.isUnneeded(state, id))
  const stream = useStore(editor.flow, (state) => state.shapes.get(id)?.outputs.some((out) => out.each))
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
  if (!run && unneeded)
    return (
      <button
        type="button"
        className="badge is-quiet nodrag"
        title="Nothing asked for it in this run. Click: why?"
        onClick={() => editor.ui.setState({ why: id })}
      >
        not needed
      </button>
    )
  if (!run) return null
  return (
    <button
      type="button"
      className={`badge is-${toneOf(run)} nodrag`}
      title={hintOf(run)}
      onClick={() => editor.ui.setState({ why: id })}
    >
      <BadgeText run={run} stream={stream} />
    </button>
  )
}

const TONES: Partial<Record<NodePhase, string>> = {
  running: 'running',
  finished: 'done',
  reused: 'reused',
  failed: 'failed',
}
const HINTS: Partial<Record<NodePhase, string>> = {
  running: 'It is at work. Click: why did it have to run?',
  finished: 'How long it took. Click: why did it have to run?',
  reused: 'The result of an earlier run was used again. Click: why?',
}

const toneOf = (run: NodeRun) => (run.items_failed ? 'failed' : (TONES[run.state] ?? 'quiet'))

function hintOf({ state, items, items_failed, seconds: taken }: NodeRun): string {
  if (!items || state !== 'finished') return HINTS[state] ?? 'Click: why?'
  const failed = items_failed ? `, of which ${items_failed} failed` : ''
  return `${items + (items_failed ?? 0)} items${failed}. They took ${seconds(taken ?? 0)}. Click: why did they have to run?`
}

/** The progress of a stream: finished items of all items. */
function itemsInWords({ items, items_failed = 0, value, maximum }: NodeRun): string {
  const done = items ? items + items_failed : Math.max(value ?? 0, items_failed)
  return maximum && maximum >= done ? `${done} of ${maximum}` : `${done} done`
}

/** The failed items of a stream. Finished items are not counted where a stream starts and where nothing is shown. */
function failedInWords({ items, items_failed = 0 }: NodeRun): string {
  return items ? `${items_failed} of ${items + items_failed} failed` : `${items_failed} failed`
}

function BadgeText({ run, stream = false }: { run: NodeRun; stream: boolean | undefined }) {
  switch (run.state) {
    case 'running':
      return (
        <>
          {run.items !== undefined || (stream && run.maximum)
            ? `${itemsInWords(run)} · `
            : run.maximum
              ? `${Math.round(((run.value ?? 0) / run.maximum) * 100)} % · `
              : ''}
          <Elapsed since={run.startedAt} />
        </>
      )
    case 'finished':
      if (run.items_failed) return failedInWords(run)
      return run.items === undefined
        ? seconds(run.seconds ?? 0)
        : `${run.items} item${run.items === 1 ? '' : 's'}`
    case 'reused':
      return (
        <>
          <Recycle size={12} /> reused
        </>
      )
    default:
      return run.state
  }
}

function Progress({ id }: { id: NodeId }) {
  const editor = useEditor()
  const share = useStore(editor.run, (state) => {
    const run = nodeRun(state, id)
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
