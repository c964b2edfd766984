/** The commands of the view, of the palette and of help. */
import type { Editor } from '../editor/editor'
import type { Command } from '../state/commands'
import { nextTheme } from '../state/theme'

function openPalette(editor: Editor, mode: 'nodes' | 'commands'): void {
  editor.ui.setState({ palette: { mode, at: editor.view.middle(), screen: null, from: null }, menu: null })
}

export const addCommands = (editor: Editor): Command[] => [
  {
    id: 'add.node',
    title: 'Add a node',
    group: 'Add',
    keys: ['Space'],
    run: () => openPalette(editor, 'nodes'),
  },
]

export const viewCommands = (editor: Editor): Command[] => [
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
    id: 'view.models',
    title: 'Models',
    group: 'View',
    keys: ['l'],
    run: () => editor.ui.setState({ dialog: 'models' }),
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
