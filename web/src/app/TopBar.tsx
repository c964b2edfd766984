/** Name and state of the workflow on the left, running it on the right. */
import { Images, LayoutTemplate, Menu as MenuIcon, Play, Plus, Redo2, Undo2, X } from 'lucide-react'
import type { ReactNode } from 'react'
import { useStore } from 'zustand'
import { type SaveState, saveStore } from '../actions/saved'
import { keeping } from '../actions/session'
import { Logo } from '../components/Logo'
import { setTitle } from '../document/edits'
import { docStore } from '../document/store'
import { QueueButton } from '../panels/QueueButton'
import { runStore } from '../run/store'
import { allCommands, command, type Group, perform } from '../state/commands'
import { keysInWords } from '../state/keys'
import { ui } from '../state/ui'
import { PacksChip } from './PacksChip'
import { WorkerChip } from './WorkerChip'

const hint = (id: string) => {
  const found = command(id)
  return found ? `${found.title}${found.keys?.[0] ? ` (${keysInWords(found.keys[0])})` : ''}` : ''
}

function Action({
  id,
  label,
  icon,
  extra,
}: {
  id: string
  label: string
  icon: ReactNode
  /** The main menu has it, too. */
  extra?: boolean
}) {
  return (
    <button
      type="button"
      className={`bar-button${extra ? ' is-extra' : ''}`}
      title={hint(id)}
      onClick={() => perform(id)}
    >
      {icon}
      <span>{label}</span>
    </button>
  )
}

function IconAction({ id, icon, disabled }: { id: string; icon: ReactNode; disabled: boolean }) {
  return (
    <button
      type="button"
      className="icon-button"
      title={hint(id)}
      aria-label={command(id)?.title}
      disabled={disabled}
      onClick={() => perform(id)}
    >
      {icon}
    </button>
  )
}

/** The rest is a right-click away, where it applies. */
const ALSO = ['edit.selectAll', 'edit.paste', 'run.cancelAll']

function openMainMenu(event: React.MouseEvent): void {
  const box = event.currentTarget.getBoundingClientRect()
  const ids = (group: Group) => allCommands().flatMap((one) => (one.group === group ? [one.id] : []))
  const commands = [...ids('File'), ...ALSO, ...ids('View'), ...ids('Help')]
  ui.setState({ menu: { at: [box.left, box.bottom + 6], commands, label: 'Main menu' } })
}

export function TopBar() {
  const past = useStore(docStore, (state) => state.history.past.length > 0)
  const future = useStore(docStore, (state) => state.history.future.length > 0)
  const busy = useStore(runStore, (state) => state.running.length > 0 || state.queue.length > 0)
  return (
    <header className="topbar">
      <button
        type="button"
        className="brand"
        aria-label="Main menu"
        aria-haspopup="menu"
        onClick={openMainMenu}
      >
        <Logo />
        <MenuIcon size={16} />
      </button>
      <Title />
      <Saved />
      <nav className="bar-group" aria-label="Workflow">
        <IconAction id="edit.undo" icon={<Undo2 size={17} />} disabled={!past} />
        <IconAction id="edit.redo" icon={<Redo2 size={17} />} disabled={!future} />
        <i className="divider" />
        <Action id="add.node" label="Add node" icon={<Plus size={16} />} />
        <Action extra id="file.templates" label="Templates" icon={<LayoutTemplate size={16} />} />
        <Action extra id="view.gallery" label="Gallery" icon={<Images size={16} />} />
      </nav>
      <div className="bar-group is-right">
        <PacksChip />
        <WorkerChip />
        <QueueButton />
        {busy && (
          <button
            type="button"
            className="bar-button is-cancel"
            title={hint('run.cancel')}
            onClick={() => perform('run.cancel')}
          >
            <X size={16} />
            <span>Cancel</span>
          </button>
        )}
        <button
          type="button"
          className="run-button"
          title={hint('run.run')}
          onClick={() => perform('run.run')}
        >
          <Play size={15} fill="currentColor" />
          Run
          <kbd>{keysInWords('mod+Enter').replaceAll(' ', '')}</kbd>
        </button>
      </div>
    </header>
  )
}

function Title() {
  const title = useStore(docStore, (state) => state.doc.title ?? '')
  return (
    <input
      className="doc-title"
      aria-label="Title of the workflow"
      placeholder="Untitled workflow"
      value={title}
      size={Math.max(10, Math.min(34, (title || 'Untitled workflow').length + 1))}
      onChange={(event) =>
        docStore.commit('Rename the workflow', (_, doc) => setTitle(doc, event.target.value), {
          merge: 'title',
        })
      }
      onKeyDown={(event) => event.key === 'Enter' && event.currentTarget.blur()}
    />
  )
}

const WORDS: Record<SaveState, [text: string, help: string]> = {
  unsaved: [
    'Kept in this browser',
    'Not saved to a file yet, but safe: it survives a reload and a crash. Ctrl + S saves it.',
  ],
  saved: ['Saved', 'Edits are saved by themselves.'],
  waiting: ['Saving soon', 'Edits are saved by themselves a moment after you stop.'],
  saving: ['Saving', ''],
  failed: ['Not saved', 'It is kept in this browser. Ctrl + S tries again.'],
  conflict: ['Changed elsewhere', 'Someone else saved this workflow meanwhile. Click to choose what to do.'],
}

const NOT_KEPT: [text: string, help: string] = [
  'Not kept',
  'This browser does not keep your edits. Ctrl + S saves them to a file.',
]

function Saved() {
  const saved = useStore(saveStore, (now) => now.state)
  const isLost = useStore(keeping, (now) => now.problem !== '') && (saved === 'unsaved' || saved === 'failed')
  const path = useStore(docStore, (now) => now.origin.path)
  const [text, help] = isLost ? NOT_KEPT : WORDS[saved]
  const state = isLost ? 'failed' : saved
  return (
    <button
      type="button"
      className={`save-state is-${state}`}
      title={`${path ? `${path}\n` : ''}${help}`}
      onClick={() => (state === 'conflict' ? ui.setState({ dialog: 'conflict' }) : perform('file.save'))}
    >
      <i aria-hidden="true" />
      {text}
    </button>
  )
}
