/** The model files of the server: fetching their list, correcting what one is, and putting one into a node. */
import { inWords } from '../api/http'
import type { ModelAnswer, ModelInfo, ModelOverride, Models } from '../api/types'
import { refreshAllChoices } from '../catalogue/load'
import { type Loader, loadersOf } from '../catalogue/models'
import { addNode, literal, setInput } from '../document/edits'
import type { NodeId } from '../document/types'
import type { Editor } from '../editor/editor'
import { newNode } from './wiring'

export interface ModelList {
  models: Models
  etag: string
}

/** The list as it is now, or the one that is known where it is still the same. A change reaches the file fields, too. */
export async function fetchModels(editor: Editor, known: ModelList | null): Promise<ModelList> {
  const answer = await editor.http.get('/models', known ? { 'If-None-Match': known.etag } : {})
  if (known && answer.status === 304) return known
  const models = (await answer.json()) as Models
  if (known) refreshAllChoices(editor)
  return { models, etag: answer.headers.get('ETag') ?? '' }
}

/** Says what a file is; returns it as it counts now, or null where that was refused. */
export async function overrideModel(editor: Editor, wanted: ModelOverride): Promise<ModelInfo | null> {
  try {
    const answer = await editor.http.post('/models/override', JSON.stringify(wanted))
    return ((await answer.json()) as ModelAnswer).model
  } catch (error) {
    const { message, remedy } = inWords(error)
    editor.ui.toast(message, { detail: remedy, tone: 'bad' })
    return null
  }
}

/** Where a file would go: into the one selected node, if it loads such files, else into a new node. */
export function placeFor(editor: Editor, model: ModelInfo): (Loader & { node?: NodeId }) | null {
  const loaders = loadersOf(model, editor.catalogue.getState().list)
  const id = editor.ui.onlySelected()
  const selected = id === undefined ? undefined : editor.doc.getState().body.nodes[id]
  const fitting = loaders.find(({ type }) => type.id === selected?.type)
  if (fitting && id !== undefined) return { ...fitting, node: id }
  return loaders[0] ?? null
}

/** Puts a file into its place, as one step, and shows the node. */
export function putModel(editor: Editor, model: ModelInfo): void {
  const place = placeFor(editor, model)
  if (!place) return
  const { type, input, node } = place
  let id = node ?? ''
  editor.doc.commit(id ? `Set ${input.title}` : `Add ${type.title}`, (body) => {
    if (!id) id = addNode(body, newNode(type, editor.view.middle()))
    setInput(body, id, input.name, literal(model.name))
  })
  editor.ui.select([id])
  editor.view.showNodes([id])
}
