/** Pictures from this computer into the graph: into a field, or as new nodes that load them. */
import { inWords } from '../api/http'
import type { InputType, NodeType, Widget } from '../api/types'
import { refreshChoices } from '../catalogue/load'
import { bytes } from '../components/format'
import { addNode, setInput } from '../document/edits'
import { shortened } from '../document/json'
import type { NodeId, Point } from '../document/types'
import type { Editor } from '../editor/editor'
import { shapeOf } from '../scene/geometry'
import { isReadable, UNREADABLE } from './open'
import { newNode } from './wiring'

/** What was not taken, and why. */
export interface LeftOut {
  name: string
  why: string
}

const GAP = 40
const PATIENCE_MS = 15_000
const LARGE = 8 * 2 ** 20

/** Whether a widget takes pictures from this computer. */
export const takesPictures = (widget: Widget | undefined) =>
  widget?.kind === 'file' && widget.upload === 'image'

const isUpload = ({ widget }: InputType) => takesPictures(widget)

export async function uploadInto(editor: Editor, id: NodeId, input: string, file: File): Promise<void> {
  const { uploaded, leftOut, stillHere } = await uploadAll(editor, [file])
  const [name] = uploaded
  if (name !== undefined && stillHere()) {
    editor.doc.commit('Choose a picture', (doc) => setInput(doc, id, input, name))
    if (!editor.doc.getState().body.nodes[id])
      leftOut.push({ name: file.name, why: 'the node is no longer there; the picture is among the inputs' })
  } else if (name !== undefined) leftOut.push(elsewhere(file.name))
  reportLeftOut(editor, leftOut, 1)
}

/** The field of a node that takes an uploaded picture. */
export function uploadField(editor: Editor, id: NodeId): string | null {
  return editor.types.typeOf(id)?.inputs.find(isUpload)?.name ?? null
}

/** The selected node, when it is one alone and takes pictures. */
export function nodeForPicture(editor: Editor): NodeId | undefined {
  const id = editor.ui.onlySelected()
  return id !== undefined && uploadField(editor, id) ? id : undefined
}

/**
 * Pictures as nodes that load them, the first of them into the node `into`, as one step of the history. `leftOut` is
 * what was left out before; both are reported together.
 */
export async function placePictures(
  editor: Editor,
  files: readonly File[],
  at: Point,
  { into, leftOut: before = [] }: { into?: NodeId | undefined; leftOut?: LeftOut[] } = {},
): Promise<void> {
  const total = files.length + before.length
  if (files.length) await editor.catalogue.typesAreHere(PATIENCE_MS)
  const type = editor.catalogue.getState().list.find((candidate) => candidate.inputs.some(isUpload))
  if (files.length && !type && !into) {
    editor.ui.toast('No node here loads pictures', { tone: 'bad' })
    return
  }
  const { uploaded, leftOut, stillHere } = await uploadAll(editor, files)
  leftOut.unshift(...before)
  const names = uploaded.filter((name) => name !== undefined)
  if (names.length && !stillHere()) {
    files.forEach((file, index) => {
      if (uploaded[index] !== undefined) leftOut.push(elsewhere(file.name))
    })
  } else if (names.length) place(editor, names, at, type, into)
  reportLeftOut(
    editor,
    leftOut,
    total,
    files.length > 1 && into ? 'The first went into the node, the others beside it.' : '',
  )
}

function place(
  editor: Editor,
  names: readonly string[],
  at: Point,
  type: NodeType | undefined,
  into?: NodeId,
): void {
  const field = into && uploadField(editor, into)
  const target = field ? editor.doc.getState().body.nodes[into] : undefined
  const fresh = target ? names.slice(1) : names
  const label =
    target && !fresh.length ? 'Choose a picture' : `Add ${type?.title}${fresh.length > 1 ? 's' : ''}`
  const ids: NodeId[] = target && into ? [into] : []
  editor.doc.commit(label, (doc) => {
    if (into && field && target) setInput(doc, into, field, names[0] as string)
    if (type) ids.push(...addInRows(editor, doc, type, fresh, target?.position ?? at, target ? 1 : 0))
  })
  editor.ui.select(ids)
  editor.view.bringIntoSight(ids)
}

/** New nodes side by side and in rows, so that none covers another. `skip` places are taken. */
function addInRows(
  editor: Editor,
  doc: Parameters<typeof addNode>[0],
  type: NodeType,
  names: readonly string[],
  [left, top]: Point,
  skip: number,
): NodeId[] {
  const { width, height } = shapeOf(newNode(type, [0, 0]), type, editor.fieldSizes)
  const columns = Math.ceil(Math.sqrt(names.length + skip))
  const field = (type.inputs.find(isUpload) as { name: string }).name
  return names.map((name, index) => {
    const cell = index + skip
    const x = left + (cell % columns) * (width + GAP)
    const y = top + Math.floor(cell / columns) * (height + GAP)
    const id = addNode(doc, newNode(type, [x, y]))
    setInput(doc, id, field, name)
    return id
  })
}

interface Uploaded {
  /** For each file its name on the server; undefined for one that was refused. */
  uploaded: (string | undefined)[]
  leftOut: LeftOut[]
  /** Whether what was open when it began is open yet. */
  stillHere(): boolean
}

/** One after the other, saying how far it is when it takes its time. */
async function uploadAll(editor: Editor, files: readonly File[]): Promise<Uploaded> {
  const { origin, path } = editor.doc.getState()
  const uploaded: (string | undefined)[] = []
  const leftOut: LeftOut[] = []
  const isLong = files.length > 1 || files.some((file) => file.size > LARGE)
  const progress = isLong ? editor.ui.working('Uploading') : null
  for (const [index, file] of files.entries()) {
    const which = files.length > 1 ? `Uploading ${index + 1} of ${files.length}` : 'Uploading'
    const words = `${which}: ${shortened(file.name)} (${bytes(file.size)})`
    progress?.update(words)
    const showShare = (share: number) => {
      if (file.size > LARGE) progress?.update(`${words}, ${Math.floor(share * 10) * 10} %`)
    }
    try {
      uploaded.push(await editor.http.upload(file, showShare))
    } catch (error) {
      const { message, remedy } = inWords(error)
      uploaded.push(undefined)
      // the browser reports a missing file and a missing server alike
      const why = (await isReadable(file)) ? `${message} ${remedy}`.trim() : UNREADABLE
      leftOut.push({ name: file.name, why })
    }
  }
  progress?.end()
  refreshChoices(editor, 'input')
  const stillHere = () => {
    const now = editor.doc.getState()
    const places = (way: typeof path) => way.map(({ sub }) => sub).join('/')
    return now.origin.key === origin.key && places(now.path) === places(path)
  }
  return { uploaded, leftOut, stillHere }
}

const elsewhere = (name: string): LeftOut => ({
  name,
  why: 'something else was opened meanwhile; the picture is among the inputs',
})

function reportLeftOut(editor: Editor, leftOut: readonly LeftOut[], total: number, detail = ''): void {
  if (leftOut.length) {
    const [first] = leftOut
    const isOne = total === 1 && first
    const why = isOne ? [first.why] : leftOut.map(({ name, why }) => `${name}: ${why}`)
    editor.ui.toast(isOne ? `${first.name} was not taken` : `${leftOut.length} of ${total} were not taken`, {
      detail: [...why, detail].filter(Boolean).join(' '),
      tone: 'bad',
    })
  } else if (total > 1) editor.ui.toast(`Added ${total} pictures`, { detail })
}
