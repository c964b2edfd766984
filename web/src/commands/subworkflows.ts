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
import { docStore } from '../document/store'
import type { Command } from '../state/commands'
import { hasSelection, onlySelected, ui } from '../state/ui'

const isInside = () => docStore.getState().path.length > 0

/** Escape first closes what lies over the canvas. */
const isAtRest = () => {
  const { palette, menu, queueOpen, connecting, why, renaming } = ui.getState()
  const busy = palette || menu || queueOpen || connecting || why || renaming
  return !busy && !document.querySelector('.help-card')
}

export const SUB_COMMANDS: Command[] = [
  {
    id: 'sub.make',
    title: 'Make a sub-workflow',
    group: 'Sub-workflow',
    keys: ['mod+g'],
    when: hasSelection,
    run: makeSub,
  },
  {
    id: 'sub.open',
    title: 'Open the sub-workflow',
    group: 'Sub-workflow',
    keys: ['Enter'],
    when: () => onlySelected() !== undefined && placeOf(onlySelected() as string) !== null,
    run: () => openNode(onlySelected() as string),
  },
  {
    id: 'sub.leave',
    title: 'Leave the sub-workflow',
    group: 'Sub-workflow',
    keys: ['Escape'],
    when: isInside,
    byKey: isAtRest,
    run: () => leaveTo(docStore.getState().path.length - 1),
  },
  {
    id: 'sub.apart',
    title: 'Take the sub-workflow apart',
    group: 'Sub-workflow',
    keys: ['mod+shift+g'],
    when: isInstanceChosen,
    run: takeChosenApart,
  },
  {
    id: 'sub.rename',
    title: 'Rename the sub-workflow',
    group: 'Sub-workflow',
    when: isInstanceChosen,
    run: renameChosenDefinition,
  },
  {
    id: 'sub.separate',
    title: 'Make this one separate',
    group: 'Sub-workflow',
    when: isShared,
    run: makeSeparate,
  },
  {
    id: 'sub.tidy',
    title: 'Delete unused sub-workflows',
    group: 'Sub-workflow',
    when: () => unused().length > 0,
    run: deleteUnused,
  },
]
