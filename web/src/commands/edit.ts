/** The commands that change what is selected, and the history. */
import { copySelection, duplicate, pasteFromMenu } from '../actions/clipboard'
import { followPath } from '../actions/enter'
import { cutEdge } from '../actions/wiring'
import { setMode } from '../document/edits'
import { removeInside } from '../document/ports'
import type { Mode } from '../document/types'
import type { Editor } from '../editor/editor'
import type { Command } from '../state/commands'

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

export const editCommands = (editor: Editor): Command[] => [
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
]
