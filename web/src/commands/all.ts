/** The commands of the editor. */
import { copySelection, duplicate, pasteFromMenu } from '../actions/clipboard'
import { download } from '../actions/download'
import { followPath } from '../actions/enter'
import { openNew } from '../actions/open'
import { cancelAll, cancelCurrent, run } from '../actions/run'
import { save } from '../actions/saved'
import { cutEdge } from '../actions/wiring'
import { forgetKey, goToSignIn } from '../api/address'
import { ApiFailure, inWords } from '../api/http'
import { setMode } from '../document/edits'
import { removeInside } from '../document/ports'
import type { Mode } from '../document/types'
import type { Editor } from '../editor/editor'
import { nodeRun } from '../run/store'
import type { Command } from '../state/commands'
import { nextTheme } from '../state/theme'
import { subworkflowCommands } from './subworkflows'

const hasRuns = (editor: Editor) => {
  const { running, queue } = editor.run.getState()
  return running.length > 0 || queue.length > 0
}

function travel(editor: Editor, what: string, step: () => string | null): void {
  const label = followPath(editor, step)
  if (label === null) return
  editor.ui.select([...editor.ui.getState().selected].filter((id) => editor.doc.getState().body.nodes[id]))
  editor.ui.toast(`${what}: ${label.toLowerCase()}`)
}

function remove(editor: Editor): void {
  const { selected, selectedEdges } = editor.ui.getState()
  const { path } = editor.doc.getState()
  editor.doc.commit('Delete', (body, doc) => {
    removeInside(doc, path, selected)
    for (const edge of selectedEdges) cutEdge(editor, body, doc, edge)
  })
  editor.ui.select([])
}

/** Give all selected nodes a mode, or take it from them when all have it. */
function toggleMode(editor: Editor, mode: Mode): void {
  const { selected } = editor.ui.getState()
  const { body } = editor.doc.getState()
  const all = [...selected].every((id) => body.nodes[id]?.mode === mode)
  editor.doc.commit(all ? 'Activate' : mode === 'muted' ? 'Mute' : 'Bypass', (draft) =>
    setMode(draft, selected, all ? 'active' : mode),
  )
}

function openPalette(editor: Editor, mode: 'nodes' | 'commands'): void {
  editor.ui.setState({ palette: { mode, at: editor.view.middle(), screen: null, from: null }, menu: null })
}

const commandsOf = (editor: Editor): Command[] => [
  {
    id: 'run.run',
    title: 'Run',
    group: 'Run',
    keys: ['mod+Enter'],
    inFields: true,
    run: () => void run(editor),
  },
  {
    id: 'run.here',
    title: 'Run only up to here',
    group: 'Run',
    // a round of a loop is no target
    when: () => editor.ui.hasSelection() && !editor.doc.getState().path.some((place) => place.input),
    run: () =>
      void run(
        editor,
        [...editor.ui.getState().selected].map((id) => editor.run.getState().scope + id),
      ),
  },
  {
    id: 'run.why',
    title: 'Why did this run?',
    group: 'Run',
    keys: ['w'],
    when: () => {
      const [id, state] = [editor.ui.onlySelected(), editor.run.getState()]
      return id !== undefined && (nodeRun(state, id) !== undefined || editor.isUnneeded(state, id))
    },
    run: () => editor.ui.setState({ why: editor.ui.onlySelected() ?? null }),
  },
  {
    id: 'run.cancel',
    title: 'Cancel the run',
    group: 'Run',
    keys: ['mod+.'],
    inFields: true,
    when: () => hasRuns(editor),
    run: () => cancelCurrent(editor),
  },
  {
    id: 'run.cancelAll',
    title: 'Cancel all runs',
    group: 'Run',
    when: () => hasRuns(editor),
    run: () => void cancelAll(editor),
  },
  {
    id: 'run.queue',
    title: 'Show the queue',
    group: 'Run',
    keys: ['q'],
    run: () => editor.ui.setState((state) => ({ queueOpen: !state.queueOpen })),
  },

  { id: 'file.new', title: 'New workflow', group: 'File', run: () => openNew(editor) },
  {
    id: 'file.templates',
    title: 'Templates',
    group: 'File',
    keys: ['t'],
    run: () => editor.ui.setState({ dialog: 'templates' }),
  },
  {
    id: 'file.open',
    title: 'Open',
    group: 'File',
    keys: ['mod+o'],
    inFields: true,
    run: () => editor.ui.setState({ dialog: 'open' }),
  },
  {
    id: 'file.save',
    title: 'Save',
    group: 'File',
    keys: ['mod+s'],
    inFields: true,
    run: () => saveNow(editor),
  },
  {
    id: 'file.saveAs',
    title: 'Save as',
    group: 'File',
    keys: ['mod+shift+s'],
    inFields: true,
    run: () => editor.ui.setState({ dialog: 'save' }),
  },
  { id: 'file.download', title: 'Download as a file', group: 'File', run: () => download(editor) },
  { id: 'file.signOut', title: 'Sign out', group: 'File', run: () => void signOut(editor) },

  {
    id: 'edit.undo',
    title: 'Undo',
    group: 'Edit',
    keys: ['mod+z'],
    inFields: true,
    when: () => editor.doc.getState().history.past.length > 0,
    run: () => travel(editor, 'Undone', editor.doc.undo),
  },
  {
    id: 'edit.redo',
    title: 'Redo',
    group: 'Edit',
    keys: ['mod+shift+z', 'mod+y'],
    inFields: true,
    when: () => editor.doc.getState().history.future.length > 0,
    run: () => travel(editor, 'Done again', editor.doc.redo),
  },
  {
    id: 'edit.cut',
    title: 'Cut',
    group: 'Edit',
    when: editor.ui.hasSelection,
    run: () => void copySelection(editor, true),
  },
  {
    id: 'edit.copy',
    title: 'Copy',
    group: 'Edit',
    when: editor.ui.hasSelection,
    run: () => void copySelection(editor),
  },
  { id: 'edit.paste', title: 'Paste', group: 'Edit', run: () => void pasteFromMenu(editor) },
  {
    id: 'edit.pasteWired',
    title: 'Paste with the wires from other nodes',
    group: 'Edit',
    run: () => void pasteFromMenu(editor, true),
  },
  {
    id: 'edit.duplicate',
    title: 'Duplicate',
    group: 'Edit',
    keys: ['mod+d'],
    when: editor.ui.hasSelection,
    run: () => duplicate(editor),
  },
  {
    id: 'edit.delete',
    title: 'Delete',
    group: 'Edit',
    keys: ['Delete', 'Backspace'],
    when: () => editor.ui.hasSelection() || editor.ui.getState().selectedEdges.size > 0,
    run: () => remove(editor),
  },
  {
    id: 'edit.selectAll',
    title: 'Select all',
    group: 'Edit',
    keys: ['mod+a'],
    run: () => editor.ui.select(editor.doc.getState().body.order),
  },
  {
    id: 'edit.rename',
    title: 'Rename',
    group: 'Edit',
    keys: ['F2'],
    when: () => editor.ui.getState().selected.size === 1,
    run: () =>
      editor.ui.setState({ renaming: [...editor.ui.getState().selected][0] ?? null, renamingSub: false }),
  },
  {
    id: 'edit.mute',
    title: 'Mute or activate',
    group: 'Edit',
    keys: ['m'],
    when: editor.ui.hasSelection,
    run: () => toggleMode(editor, 'muted'),
  },
  {
    id: 'edit.bypass',
    title: 'Bypass or activate',
    group: 'Edit',
    keys: ['b'],
    when: editor.ui.hasSelection,
    run: () => toggleMode(editor, 'bypassed'),
  },

  ...subworkflowCommands(editor),

  {
    id: 'add.node',
    title: 'Add a node',
    group: 'Add',
    keys: ['Space'],
    run: () => openPalette(editor, 'nodes'),
  },

  {
    id: 'view.fit',
    title: 'Show everything',
    group: 'View',
    keys: ['f'],
    run: () => editor.view.fitGraph(true),
  },
  {
    id: 'view.selection',
    title: 'Show the selection',
    group: 'View',
    keys: ['shift+f'],
    when: editor.ui.hasSelection,
    run: () => editor.view.showNodes(editor.ui.getState().selected),
  },
  { id: 'view.in', title: 'Zoom in', group: 'View', keys: ['+', '='], run: () => editor.view.zoomBy(1.25) },
  { id: 'view.out', title: 'Zoom out', group: 'View', keys: ['-'], run: () => editor.view.zoomBy(0.8) },
  {
    id: 'view.gallery',
    title: 'Gallery',
    group: 'View',
    keys: ['g'],
    run: () => editor.ui.setState({ dialog: 'gallery' }),
  },
  {
    id: 'view.result',
    title: 'Show or hide the result',
    group: 'View',
    keys: ['r'],
    run: () => editor.ui.setState((state) => ({ resultOpen: !state.resultOpen })),
  },
  {
    id: 'view.packs',
    title: 'Node packs',
    group: 'View',
    run: () => editor.ui.setState({ dialog: 'packs' }),
  },
  { id: 'view.theme', title: 'Light, dark or as the system', group: 'View', run: () => nextTheme(editor) },

  {
    id: 'help.palette',
    title: 'Find a command',
    group: 'Help',
    keys: ['mod+k'],
    inFields: true,
    run: () => openPalette(editor, 'commands'),
  },
  {
    id: 'help.shortcuts',
    title: 'Keyboard shortcuts',
    group: 'Help',
    keys: ['?'],
    run: () => editor.ui.setState({ dialog: 'shortcuts' }),
  },
]

async function signOut(editor: Editor): Promise<void> {
  try {
    await editor.http.signOut()
  } catch (error) {
    if (!(error instanceof ApiFailure && error.status === 401)) {
      const { message, remedy } = inWords(error)
      editor.ui.toast(message, { detail: remedy, tone: 'bad' })
      return
    }
  }
  forgetKey()
  goToSignIn()
}

function saveNow(editor: Editor): void {
  if (editor.doc.getState().origin.path) {
    void save(editor).then((saved) => saved && editor.ui.toast('Saved', { tone: 'good' }))
  } else editor.ui.setState({ dialog: 'save' })
}

export function registerAll(editor: Editor): void {
  for (const one of commandsOf(editor)) editor.commands.register(one)
}
