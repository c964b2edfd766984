/** What a person does with sub-workflows: make, take apart, name, make separate, delete. Each is one step. */
import type { NodeType } from '../api/types'
import { moveRow, removeSubInput, removeSubOutput, renamePort } from '../document/ports'
import { gather, replaceByInstance, takeApart } from '../document/regroup'
import {
  closesCircle,
  freeName,
  isSub,
  removeSubs,
  renameSub,
  separate,
  subIdOf,
  subTitle,
  unusedSubs,
  usesOf,
} from '../document/subworkflows'
import type { Doc, DocNode, NodeId, Sub, SubId } from '../document/types'
import type { Editor } from '../editor/editor'
import { titleOfNode } from './wiring'

/** Replaces the selected nodes by one. */
export function makeSub(editor: Editor): void {
  const { body, doc } = editor.doc.getState()
  const { selected } = editor.ui.getState()
  const titles = Object.values(doc.subs).map((sub) => sub.title ?? '')
  const inputTitle = (type: string, input: string) =>
    editor.types.typeFor(type)?.inputs.find((one) => one.name === input)?.title ?? input
  const gathered = gather(body, selected, freeName('Sub-workflow', titles, ' '), inputTitle)
  if ('reason' in gathered) {
    if (gathered.reason === 'nothing') editor.ui.toast('Choose the nodes that belong together first')
    else {
      const through = titleOfNode(editor, gathered.through ?? '')
      editor.ui.toast('These nodes cannot become one', {
        detail: `They would feed themselves through “${through}”, which is not among them. Choose it too, or leave out what comes after it.`,
        tone: 'bad',
      })
    }
    return
  }
  let made = ''
  editor.doc.commit('Make a sub-workflow', (draft, whole) => {
    made = replaceByInstance(whole, draft, gathered).node
  })
  editor.ui.select([made])
  editor.ui.setState({ renaming: made, renamingSub: true })
}

const chosenInstance = (editor: Editor): [NodeId, DocNode, SubId] | null => {
  const { selected } = editor.ui.getState()
  const [id] = selected
  const node = id === undefined ? undefined : editor.doc.getState().body.nodes[id]
  const sub = subIdOf(node?.type ?? '')
  return selected.size === 1 && id && node && sub !== null && editor.doc.getState().doc.subs[sub]
    ? [id, node, sub]
    : null
}
export const isInstanceChosen = (editor: Editor): boolean => chosenInstance(editor) !== null

export function takeChosenApart(editor: Editor): void {
  const chosen = chosenInstance(editor)
  if (!chosen) return
  const [id, instance, subId] = chosen
  const sub = editor.doc.getState().doc.subs[subId] as Sub
  let ids: NodeId[] = []
  editor.doc.commit('Take the sub-workflow apart', (body, doc) => {
    ids = takeApart(doc, body, id, { instance, sub }, editor.types.bodyInputs)
  })
  editor.ui.select(ids)
}

/** Write the title of the definition of the selected instance, on the instance. */
export function renameChosenDefinition(editor: Editor): void {
  const chosen = chosenInstance(editor)
  if (chosen) editor.ui.setState({ renaming: chosen[0], renamingSub: true })
}

/** Whether others share the definition of the selected instance. */
export function isShared(editor: Editor): boolean {
  const chosen = chosenInstance(editor)
  return chosen !== null && usesOf(editor.doc.getState().doc, chosen[2], editor.types.bodyInputs) > 1
}

export function makeSeparate(editor: Editor): void {
  const chosen = chosenInstance(editor)
  if (!chosen) return
  const [id, , subId] = chosen
  const sub = editor.doc.getState().doc.subs[subId] as Sub
  let fresh: SubId | null = null
  editor.doc.commit('Make this one separate', (body, doc) => {
    fresh = separate(doc, body, id, sub)
  })
  if (fresh)
    editor.ui.toast(`This one is now “${subTitle(fresh, editor.doc.getState().doc.subs[fresh])}”`, {
      detail: 'Changes to it leave the others as they are.',
    })
}

export function renameDefinition(editor: Editor, id: SubId, title: string): void {
  editor.doc.commit('Rename the sub-workflow', (_, doc) => renameSub(doc, id, title.trim()), {
    merge: `title:${id}`,
  })
}

export const unused = (editor: Editor): SubId[] =>
  unusedSubs(editor.doc.getState().doc, editor.types.bodyInputs)

export function deleteUnused(editor: Editor): void {
  const ids = unused(editor)
  const { subs } = editor.doc.getState().doc
  const names = ids.map((id) => `“${subTitle(id, subs[id])}”`).join(', ')
  editor.doc.commit('Delete unused sub-workflows', (_, doc) => removeSubs(doc, ids))
  editor.ui.toast(`Deleted ${names}`, { detail: 'Nothing used it. Undo brings it back.' })
}

/** How often the open definition is used; counted once for each state of the document. */
export function usesNow(editor: Editor, doc: Doc, id: SubId): number {
  let counts = editor.memory.uses.get(doc)
  if (!counts) {
    counts = new Map()
    editor.memory.uses.set(doc, counts)
  }
  let count = counts.get(id)
  if (count === undefined) {
    count = usesOf(doc, id, editor.types.bodyInputs)
    counts.set(id, count)
  }
  return count
}

/** The sub-workflows that may be used in the open body: all but those that would then contain themselves. */
export function usableSubs(editor: Editor): NodeType[] {
  const { doc, path } = editor.doc.getState()
  return editor.types
    .subTypes()
    .filter((type) =>
      path.every(({ sub }) => !closesCircle(doc, sub, subIdOf(type.id) ?? '', editor.types.bodyInputs)),
    )
}

// --- the panels of an open sub-workflow --------------------------------------------------------------------------------

type Side = 'inputs' | 'outputs'

export function nameOfPort(editor: Editor, side: Side, name: string, text: string): void {
  const sub = editor.doc.getState().path.at(-1)?.sub
  if (!sub) return
  editor.doc.commit(side === 'inputs' ? 'Rename the input' : 'Rename the output', (_, doc) =>
    renamePort(doc, sub, side, name, text.trim()),
  )
}

export function movePort(editor: Editor, side: Side, name: string, by: -1 | 1): void {
  editor.doc.commit('Reorder', (body) => {
    if (isSub(body)) moveRow(body[side], name, by)
  })
}

export function removePort(editor: Editor, side: Side, name: string): void {
  const sub = editor.doc.getState().path.at(-1)?.sub
  if (!sub) return
  editor.doc.commit(side === 'inputs' ? 'Remove the input' : 'Remove the output', (_, doc) =>
    side === 'inputs' ? removeSubInput(doc, sub, name) : removeSubOutput(doc, sub, name),
  )
}
