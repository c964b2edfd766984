/** The commands of the editor. */

import { copySelection, duplicate, pasteFromMenu } from '../actions/clipboard'
import { download } from '../actions/download'
import { followPath } from '../actions/enter'
import { openNew } from '../actions/open'
import { cancelAll, cancelCurrent, run } from '../actions/run'
import { save } from '../actions/saved'
import { forgetKey, goToSignIn } from '../api/address'
import { ApiFailure, http, inWords } from '../api/http'
import { setMode } from '../document/edits'
import { removeInside } from '../document/ports'
import { docStore } from '../document/store'
import type { Mode } from '../document/types'
import { nodeRun, runStore } from '../run/store'
import { isUnneeded } from '../run/unneeded'
import { fitGraph, middle, showNodes, zoomBy } from '../scene/viewport'
import { cutEdge } from '../scene/wiring'
import { type Command, register } from '../state/commands'
import { nextTheme } from '../state/theme'
import { hasSelection, onlySelected, select, toast, ui } from '../state/ui'
import { SUB_COMMANDS } from './subworkflows'

const hasRuns = () => {
  const { running, queue } = runStore.getState()
  return running.length > 0 || queue.length > 0
}

function travel(what: string, step: () => string | null): void {
  const label = followPath(step)
  if (label === null) return
  select([...ui.getState().selected].filter((id) => docStore.getState().body.nodes[id]))
  toast(`${what}: ${label.toLowerCase()}`)
}

function remove(): void {
  const { selected, selectedEdges } = ui.getState()
  const { path } = docStore.getState()
  docStore.commit('Delete', (body, doc) => {
    removeInside(doc, path, selected)
    for (const edge of selectedEdges) cutEdge(body, doc, edge)
  })
  select([])
}

/** Give all selected nodes a mode, or take it from them when all have it. */
function toggleMode(mode: Mode): void {
  const { selected } = ui.getState()
  const { body } = docStore.getState()
  const all = [...selected].every((id) => body.nodes[id]?.mode === mode)
  docStore.commit(all ? 'Activate' : mode === 'muted' ? 'Mute' : 'Bypass', (draft) =>
    setMode(draft, selected, all ? 'active' : mode),
  )
}

function openPalette(mode: 'nodes' | 'commands'): void {
  ui.setState({ palette: { mode, at: middle(), screen: null, from: null }, menu: null })
}

const COMMANDS: Command[] = [
  { id: 'run.run', title: 'Run', group: 'Run', keys: ['mod+Enter'], inFields: true, run: () => void run() },
  {
    id: 'run.here',
    title: 'Run only up to here',
    group: 'Run',
    // a round of a loop is no target
    when: () => hasSelection() && !docStore.getState().path.some((place) => place.input),
    run: () => void run([...ui.getState().selected].map((id) => runStore.getState().scope + id)),
  },
  {
    id: 'run.why',
    title: 'Why did this run?',
    group: 'Run',
    keys: ['w'],
    when: () => {
      const [id, state] = [onlySelected(), runStore.getState()]
      return id !== undefined && (nodeRun(state, id) !== undefined || isUnneeded(state, id))
    },
    run: () => ui.setState({ why: onlySelected() ?? null }),
  },
  {
    id: 'run.cancel',
    title: 'Cancel the run',
    group: 'Run',
    keys: ['mod+.'],
    inFields: true,
    when: hasRuns,
    run: cancelCurrent,
  },
  { id: 'run.cancelAll', title: 'Cancel all runs', group: 'Run', when: hasRuns, run: () => void cancelAll() },
  {
    id: 'run.queue',
    title: 'Show the queue',
    group: 'Run',
    keys: ['q'],
    run: () => ui.setState((state) => ({ queueOpen: !state.queueOpen })),
  },

  { id: 'file.new', title: 'New workflow', group: 'File', run: openNew },
  {
    id: 'file.templates',
    title: 'Templates',
    group: 'File',
    keys: ['t'],
    run: () => ui.setState({ dialog: 'templates' }),
  },
  {
    id: 'file.open',
    title: 'Open',
    group: 'File',
    keys: ['mod+o'],
    inFields: true,
    run: () => ui.setState({ dialog: 'open' }),
  },
  { id: 'file.save', title: 'Save', group: 'File', keys: ['mod+s'], inFields: true, run: saveNow },
  {
    id: 'file.saveAs',
    title: 'Save as',
    group: 'File',
    keys: ['mod+shift+s'],
    inFields: true,
    run: () => ui.setState({ dialog: 'save' }),
  },
  { id: 'file.download', title: 'Download as a file', group: 'File', run: download },
  { id: 'file.signOut', title: 'Sign out', group: 'File', run: () => void signOut() },

  {
    id: 'edit.undo',
    title: 'Undo',
    group: 'Edit',
    keys: ['mod+z'],
    inFields: true,
    when: () => docStore.getState().history.past.length > 0,
    run: () => travel('Undone', docStore.undo),
  },
  {
    id: 'edit.redo',
    title: 'Redo',
    group: 'Edit',
    keys: ['mod+shift+z', 'mod+y'],
    inFields: true,
    when: () => docStore.getState().history.future.length > 0,
    run: () => travel('Done again', docStore.redo),
  },
  { id: 'edit.cut', title: 'Cut', group: 'Edit', when: hasSelection, run: () => void copySelection(true) },
  { id: 'edit.copy', title: 'Copy', group: 'Edit', when: hasSelection, run: () => void copySelection() },
  { id: 'edit.paste', title: 'Paste', group: 'Edit', run: () => void pasteFromMenu() },
  {
    id: 'edit.pasteWired',
    title: 'Paste with the wires from other nodes',
    group: 'Edit',
    run: () => void pasteFromMenu(true),
  },
  {
    id: 'edit.duplicate',
    title: 'Duplicate',
    group: 'Edit',
    keys: ['mod+d'],
    when: hasSelection,
    run: duplicate,
  },
  {
    id: 'edit.delete',
    title: 'Delete',
    group: 'Edit',
    keys: ['Delete', 'Backspace'],
    when: () => hasSelection() || ui.getState().selectedEdges.size > 0,
    run: remove,
  },
  {
    id: 'edit.selectAll',
    title: 'Select all',
    group: 'Edit',
    keys: ['mod+a'],
    run: () => select(docStore.getState().body.order),
  },
  {
    id: 'edit.rename',
    title: 'Rename',
    group: 'Edit',
    keys: ['F2'],
    when: () => ui.getState().selected.size === 1,
    run: () => ui.setState({ renaming: [...ui.getState().selected][0] ?? null, renamingSub: false }),
  },
  {
    id: 'edit.mute',
    title: 'Mute or activate',
    group: 'Edit',
    keys: ['m'],
    when: hasSelection,
    run: () => toggleMode('muted'),
  },
  {
    id: 'edit.bypass',
    title: 'Bypass or activate',
    group: 'Edit',
    keys: ['b'],
    when: hasSelection,
    run: () => toggleMode('bypassed'),
  },

  ...SUB_COMMANDS,

  { id: 'add.node', title: 'Add a node', group: 'Add', keys: ['Space'], run: () => openPalette('nodes') },

  { id: 'view.fit', title: 'Show everything', group: 'View', keys: ['f'], run: () => fitGraph(true) },
  {
    id: 'view.selection',
    title: 'Show the selection',
    group: 'View',
    keys: ['shift+f'],
    when: hasSelection,
    run: () => showNodes(ui.getState().selected),
  },
  { id: 'view.in', title: 'Zoom in', group: 'View', keys: ['+', '='], run: () => zoomBy(1.25) },
  { id: 'view.out', title: 'Zoom out', group: 'View', keys: ['-'], run: () => zoomBy(0.8) },
  {
    id: 'view.gallery',
    title: 'Gallery',
    group: 'View',
    keys: ['g'],
    run: () => ui.setState({ dialog: 'gallery' }),
  },
  {
    id: 'view.result',
    title: 'Show or hide the result',
    group: 'View',
    keys: ['r'],
    run: () => ui.setState((state) => ({ resultOpen: !state.resultOpen })),
  },
  { id: 'view.packs', title: 'Node packs', group: 'View', run: () => ui.setState({ dialog: 'packs' }) },
  { id: 'view.theme', title: 'Light, dark or as the system', group: 'View', run: nextTheme },

  {
    id: 'help.palette',
    title: 'Find a command',
    group: 'Help',
    keys: ['mod+k'],
    inFields: true,
    run: () => openPalette('commands'),
  },
  {
    id: 'help.shortcuts',
    title: 'Keyboard shortcuts',
    group: 'Help',
    keys: ['?'],
    run: () => ui.setState({ dialog: 'shortcuts' }),
  },
]

async function signOut(): Promise<void> {
  try {
    await http.signOut()
  } catch (error) {
    if (!(error instanceof ApiFailure && error.status === 401)) {
      const { message, remedy } = inWords(error)
      toast(message, { detail: remedy, tone: 'bad' })
      return
    }
  }
  forgetKey()
  goToSignIn()
}

function saveNow(): void {
  if (docStore.getState().origin.path) {
    void save().then((saved) => saved && toast('Saved', { tone: 'good' }))
  } else ui.setState({ dialog: 'save' })
}

export function registerAll(): void {
  for (const one of COMMANDS) register(one)
}
