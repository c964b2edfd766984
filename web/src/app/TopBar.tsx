/** Name and state of the workflow on the left, running it on the right. */
import { Boxes, Images, LayoutTemplate, Menu as MenuIcon, Play, Plus, Redo2, Undo2, X } from 'lucide-react'
import type { ReactNode } from 'react'
import { useStore } from 'zustand'
import { Logo } from '../components/Logo'
import { setTitle } from '../document/edits'
import { useEditor } from '../editor/context'
import type { Editor, SaveState } from '../editor/editor'
import { QueueButton } from '../panels/QueueButton'
import type { Group } from '../state/commands'
import { keysInWords } from '../state/keys'
import { PacksChip } from './PacksChip'
import { WorkerChip } from './WorkerChip'
import './TopBar.css'

const hint = (editor: Editor, id: string) => {
  const found = editor.commands.find(id)
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
  const editor = useEditor()
  return (
    <button
      type="button"
      className={`bar-button${extra ? ' is-extra' : ''}`}
      title={hint(editor, id)}
      onClick={() => editor.commands.perform(id)}
    >
      {icon}
      <span>{label}</span>
    </button>
  )
}

function IconAction({ id, icon, disabled }: { id: string; icon: ReactNode; disabled: boolean }) {
  const editor = useEditor()
  return (
    <button
      type="button"
      className="icon-button"
      title={hint(editor, id)}
      aria-label={editor.commands.find(id)?.title}
      disabled={disabled}
      onClick={() => editor.commands.perform(id)}
    >
      {icon}
    </button>
  )
}

/** The rest is a right-click away, where it applies. */
const ALSO = ['edit.selectAll', 'edit.paste', 'run.cancelAll']

function openMainMenu(editor: Editor, event: React.MouseEvent): void {
  const box = event.currentTarget.getBoundingClientRect()
  const ids = (group: Group) => editor.commands.all().flatMap((one) => (one.group === group ? [one.id] : []))
  const commands = [...ids('File'), ...ALSO, ...ids('View'), ...ids('Help')]
  editor.ui.setState({ menu: { at: [box.left, box.bottom + 6], commands, label: 'Main menu' } })
}

export function TopBar() {
  const editor = useEditor()
  const past = useStore(editor.doc, (state) => state.history.past.length > 0)
  const future = useStore(editor.doc, (state) => state.history.future.length > 0)
  const busy = useStore(editor.run, (state) => state.running.length > 0 || state.queue.length > 0)
  return (
    <header className="topbar">
      <button
        type="button"
        className="brand"
        aria-label="Main menu"
        aria-haspopup="menu"
        onClick={(event) => openMainMenu(editor, event)}
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
        <Action extra id="view.models" label="Models" icon={<Boxes size={16} />} />
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
            title={hint(editor, 'run.cancel')}
            onClick={() => editor.commands.perform('run.cancel')}
          >
            <X size={16} />
            <span>Cancel</span>
          </button>
        )}
        <button
          type="button"
          className="run-button"
          title={hint(editor, 'run.run')}
          onClick={() => editor.commands.perform('run.run')}
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
  const editor = useEditor()
  const title = useStore(editor.doc, (state) => state.doc.title ?? '')
  return (
    <input
      className="doc-title"
      aria-label="Title of the workflow"
      placeholder="Untitled workflow"
      value={title}
      size={Math.max(10, Math.min(34, (title || 'Untitled workflow').length + 1))}
      onChange={(event) =>
        editor.doc.commit('Rename the workflow', (_, doc) => setTitle(doc, event.target.value), {
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
  const editor = useEditor()
  const saved = useStore(editor.saving, (now) => now.state)
  const isLost =
    useStore(editor.keeping, (now) => now.problem !== '') && (saved === 'unsaved' || saved === 'failed')
  const path = useStore(editor.doc, (now) => now.origin.path)
  const [text, help] = isLost ? NOT_KEPT : WORDS[saved]
  const state = isLost ? 'failed' : saved
  return (
    <button
      type="button"
      className={`save-state is-${state}`}
      title={`${path ? `${path}\n` : ''}${help}`}
      onClick={() =>
        state === 'conflict'
          ? editor.ui.setState({ dialog: 'conflict' })
          : editor.commands.perform('file.save')
      }
    >
      <i aria-hidden="true" />
      {text}
    </button>
  )
}
