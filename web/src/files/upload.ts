/** Pictures from this computer into the graph: into a field, or as a new node that loads them. */
import { http } from '../api/http'
import { select, toast, ui } from '../app/ui'
import { refreshChoices } from '../defs/load'
import { defsStore } from '../defs/store'
import { addNode, setInput } from '../doc/edits'
import { docStore } from '../doc/store'
import type { NodeId, Point } from '../doc/types'
import { isUpload } from '../graph/geometry'
import { newNode } from '../graph/wiring'
import { typeOf } from '../subs/lookup'

export async function uploadInto(id: NodeId, input: string, file: File): Promise<void> {
  const name = await http.upload(file)
  docStore.commit('Choose a picture', (doc) => setInput(doc, id, input, name))
  void refreshChoices('input')
}

/** The field of a node that takes an uploaded picture. */
export function uploadField(id: NodeId): string | null {
  return typeOf(id)?.inputs.find(isUpload)?.name ?? null
}

/** Into the one selected node that takes pictures, else into a new one at `at`. */
export async function placePicture(file: File, at: Point, into?: NodeId): Promise<void> {
  const { selected } = ui.getState()
  const target = into ?? (selected.size === 1 ? [...selected][0] : undefined)
  const field = target ? uploadField(target) : null
  if (target && field) return uploadInto(target, field, file)
  const type = defsStore.getState().list.find((candidate) => candidate.inputs.some(isUpload))
  if (!type) {
    toast('No node here loads pictures', { tone: 'bad' })
    return
  }
  const name = await http.upload(file)
  let id = ''
  docStore.commit(`Add ${type.title}`, (doc) => {
    const node = newNode(type, at)
    id = addNode(doc, node)
    setInput(doc, id, (type.inputs.find(isUpload) as { name: string }).name, name)
  })
  select([id])
  void refreshChoices('input')
}
