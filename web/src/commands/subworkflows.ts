/** The commands of sub-workflows. */
import { leaveTo, openNode, placeOf } from '../actions/enter'
import {
  deleteUnused,
  isInstanceChosen,
  isShared,
  makeSeparate,
  makeSub,
  renameChosenDefinition,
  takeChosenApart,
  unused,
} from '../actions/subworkflows'
import type { Editor } from '../editor/editor'
import type { Command } from '../state/commands'

const isInside = (editor: Editor) => editor.doc.getState().path.length > 0

/** Escape first closes what lies over the canvas. */
const isAtRest = (editor: Editor) => {
  const { palette, menu, queueOpen, connecting, why, renaming } = editor.ui.getState()
  const busy = palette || menu || queueOpen || connecting || why || renaming
  return !busy && !document.querySelector('.help-card')
}

export const subworkflowCommands = (editor: Editor): Command[] => [
  {
    id: 'sub.make',
    title: 'Make a sub-workflow',
    group: 'Sub-workflow',
    keys: ['mod+g'],
    when: editor.ui.hasSelection,
    run: () => makeSub(editor),
  },
  {
    id: 'sub.open',
    title: 'Open the sub-workflow',
    group: 'Sub-workflow',
    keys: ['Enter'],
    when: () =>
      editor.ui.onlySelected() !== undefined && placeOf(editor, editor.ui.onlySelected() as string) !== null,
    run: () => openNode(editor, editor.ui.onlySelected() as string),
  },
  {
    id: 'sub.leave',
    title: 'Leave the sub-workflow',
    group: 'Sub-workflow',
    keys: ['Escape'],
    when: () => isInside(editor),
    byKey: () => isAtRest(editor),
    run: () => leaveTo(editor, editor.doc.getState().path.length - 1),
  },
  {
    id: 'sub.apart',
    title: 'Take the sub-workflow apart',
    group: 'Sub-workflow',
    keys: ['mod+shift+g'],
    when: () => isInstanceChosen(editor),
    run: () => takeChosenApart(editor),
  },
  {
    id: 'sub.rename',
    title: 'Rename the sub-workflow',
    group: 'Sub-workflow',
    when: () => isInstanceChosen(editor),
    run: () => renameChosenDefinition(editor),
  },
  {
    id: 'sub.separate',
    title: 'Make this one separate',
    group: 'Sub-workflow',
    when: () => isShared(editor),
    run: () => makeSeparate(editor),
  },
  {
    id: 'sub.tidy',
    title: 'Delete unused sub-workflows',
    group: 'Sub-workflow',
    when: () => unused(editor).length > 0,
    run: () => deleteUnused(editor),
  },
]
