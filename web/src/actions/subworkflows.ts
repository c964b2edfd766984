/** What a person does with sub-workflows: make, take apart, name, make separate, delete. Each is one step. */
import type { NodeType } from '../api/types'
import { moveRow, removeSubInput, removeSubOutput, renamePort } from '../document/ports'
import { gather, replaceByInstance, takeApart } from '../document/regroup'
import { docStore } from '../document/store'
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
import { titleOfNode } from '../scene/wiring'
import { select, toast, ui } from '../state/ui'
import { bodyInputs, subTypes, typeFor } from '../subworkflows/lookup'

/** The selected nodes as one. */
export function makeSub(): void {
  const { body, doc } = docStore.getState()
  const { selected } = ui.getState()
  const titles = Object.values(doc.subs).map((sub) => sub.title ?? '')
  const inputTitle = (type: string, input: string) =>
    typeFor(type)?.inputs.find((one) => one.name === input)?.title ?? input
  const gathered = gather(body, selected, freeName('Sub-workflow', titles, ' '), inputTitle)
  if ('reason' in gathered) {
    if (gathered.reason === 'nothing') toast('Choose the nodes that belong together first')
    else {
      const through = titleOfNode(gathered.through ?? '')
      toast('These nodes cannot become one', {
        detail: `They would feed themselves through “${through}”, which is not among them. Choose it too, or leave out what comes after it.`,
        tone: 'bad',
      })
    }
    return
  }
  let made = ''
  docStore.commit('Make a sub-workflow', (draft, whole) => {
    made = replaceByInstance(whole, draft, gathered).node
  })
  select([made])
  ui.setState({ renaming: made, renamingSub: true })
}

const chosenInstance = (): [NodeId, DocNode, SubId] | null => {
  const { selected } = ui.getState()
  const [id] = selected
  const node = id === undefined ? undefined : docStore.getState().body.nodes[id]
  const sub = subIdOf(node?.type ?? '')
  return selected.size === 1 && id && node && sub !== null && docStore.getState().doc.subs[sub]
    ? [id, node, sub]
    : null
}
export const isInstanceChosen = (): boolean => chosenInstance() !== null

export function takeChosenApart(): void {
  const chosen = chosenInstance()
  if (!chosen) return
  const [id, instance, subId] = chosen
  const sub = docStore.getState().doc.subs[subId] as Sub
  let ids: NodeId[] = []
  docStore.commit('Take the sub-workflow apart', (body, doc) => {
    ids = takeApart(doc, body, id, { instance, sub }, bodyInputs)
  })
  select(ids)
}

/** Write the title of the definition of the selected instance, on the instance. */
export function renameChosenDefinition(): void {
  const chosen = chosenInstance()
  if (chosen) ui.setState({ renaming: chosen[0], renamingSub: true })
}

/** Whether others share the definition of the selected instance. */
export function isShared(): boolean {
  const chosen = chosenInstance()
  return chosen !== null && usesOf(docStore.getState().doc, chosen[2], bodyInputs) > 1
}

export function makeSeparate(): void {
  const chosen = chosenInstance()
  if (!chosen) return
  const [id, , subId] = chosen
  const sub = docStore.getState().doc.subs[subId] as Sub
  let fresh: SubId | null = null
  docStore.commit('Make this one separate', (body, doc) => {
    fresh = separate(doc, body, id, sub)
  })
  if (fresh)
    toast(`This one is now “${subTitle(fresh, docStore.getState().doc.subs[fresh])}”`, {
      detail: 'Changes to it leave the others as they are.',
    })
}

export function renameDefinition(id: SubId, title: string): void {
  docStore.commit('Rename the sub-workflow', (_, doc) => renameSub(doc, id, title.trim()), {
    merge: `title:${id}`,
  })
}

export const unused = (): SubId[] => unusedSubs(docStore.getState().doc, bodyInputs)

export function deleteUnused(): void {
  const ids = unused()
  const { subs } = docStore.getState().doc
  const names = ids.map((id) => `“${subTitle(id, subs[id])}”`).join(', ')
  docStore.commit('Delete unused sub-workflows', (_, doc) => removeSubs(doc, ids))
  toast(`Deleted ${names}`, { detail: 'Nothing used it. Undo brings it back.' })
}

/** How often the open definition is used; counted once for each state of the document. */
const counted = new WeakMap<Doc, Map<SubId, number>>()
export function usesNow(doc: Doc, id: SubId): number {
  let counts = counted.get(doc)
  if (!counts) {
    counts = new Map()
    counted.set(doc, counts)
  }
  let count = counts.get(id)
  if (count === undefined) {
    count = usesOf(doc, id, bodyInputs)
    counts.set(id, count)
  }
  return count
}

/** The sub-workflows that may be used where one is: all but those that would contain themselves. */
export function usableSubs(): NodeType[] {
  const { doc, path } = docStore.getState()
  return subTypes().filter((type) =>
    path.every(({ sub }) => !closesCircle(doc, sub, subIdOf(type.id) ?? '', bodyInputs)),
  )
}

// --- the panels of an open one --------------------------------------------------------------------------------

type Side = 'inputs' | 'outputs'

export function nameOfPort(side: Side, name: string, text: string): void {
  const sub = docStore.getState().path.at(-1)?.sub
  if (!sub) return
  docStore.commit(side === 'inputs' ? 'Rename the input' : 'Rename the output', (_, doc) =>
    renamePort(doc, sub, side, name, text.trim()),
  )
}

export function movePort(side: Side, name: string, by: -1 | 1): void {
  docStore.commit('Reorder', (body) => {
    if (isSub(body)) moveRow(body[side], name, by)
  })
}

export function removePort(side: Side, name: string): void {
  const sub = docStore.getState().path.at(-1)?.sub
  if (!sub) return
  docStore.commit(side === 'inputs' ? 'Remove the input' : 'Remove the output', (_, doc) =>
    side === 'inputs' ? removeSubInput(doc, sub, name) : removeSubOutput(doc, sub, name),
  )
}
