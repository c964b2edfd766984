/** Opening what a person gives: a JSON file, a PNG that Jacquard saved, a template. */
import { pictureAddress } from '../api/address'
import { bytesOf, inWords, pathOf } from '../api/http'
import type { TemplateInfo } from '../api/types'
import { docFromJson, NotAWorkflow, readDoc } from '../document/file'
import { isPng, readPngRecord } from '../document/png'
import { type Doc, emptyDoc } from '../document/types'
import type { Editor } from '../editor/editor'

const MAX_BYTES = 64 * 2 ** 20
const PICTURE = /\.(png|jpe?g|webp|gif|bmp|tiff?|avif)$/i

export function openDoc(editor: Editor, doc: Doc, label: string): void {
  editor.memory.filing.etag = ''
  editor.memory.filing.unsaved = true
  editor.doc.open(doc, '', label)
}

export function openNew(editor: Editor): void {
  openDoc(editor, emptyDoc(), 'New workflow')
}

export const isPicture = (file: File): boolean => file.type.startsWith('image/') || PICTURE.test(file.name)

/** The document inside a file, or null when the file is a picture without one; throws `NotAWorkflow`. */
export async function docOfFile(file: Blob): Promise<Doc | null> {
  if (!(await isReadable(file))) throw new NotAWorkflow(UNREADABLE, 'Choose it again.')
  const head = new Uint8Array(await file.slice(0, 64).arrayBuffer())
  if (isPng(head)) {
    const record = await readPngRecord(new Uint8Array(await file.arrayBuffer()))
    return record?.workflow === undefined ? null : docFromJson(record.workflow)
  }
  if (file.type.startsWith('image/') || (file instanceof File && isPicture(file))) return null
  const isNamedSo = file.type === 'application/json' || (file instanceof File && /\.json$/i.test(file.name))
  if (!isNamedSo && !/^[\s\ufeff]*[[{]/.test(new TextDecoder().decode(head)))
    throw new NotAWorkflow(
      'This file is neither a workflow nor a picture.',
      'Workflows are JSON files, or pictures that Jacquard saved.',
    )
  if (file.size > MAX_BYTES)
    throw new NotAWorkflow(
      `This file has more than ${MAX_BYTES / 2 ** 20} MB, which no workflow has.`,
      'Open a workflow file.',
    )
  return readDoc(new Uint8Array(await file.arrayBuffer()))
}

/** Files are read when they are needed: by then they may be elsewhere, or closed to this page. */
export async function isReadable(file: Blob): Promise<boolean> {
  return file
    .slice(0, 1)
    .arrayBuffer()
    .then(() => true)
    .catch(() => false)
}

export const UNREADABLE = 'The file cannot be read any more: it may have been moved, changed or removed.'

/** Opens a document and shows a message. */
export function openAndReport(editor: Editor, doc: Doc, name: string): void {
  openDoc(editor, doc, `Open ${name}`)
  editor.ui.toast(`Opened ${name}`, { detail: 'Undo brings back what was here before.' })
}

/** Shows why a file was not opened. */
export function reportFailure(editor: Editor, error: unknown, name = '', instead = ''): void {
  const { message, remedy } = inWords(error)
  editor.ui.toast(name ? `${name} was not opened` : message, {
    detail: [name && message, instead || remedy].filter(Boolean).join(' '),
    tone: 'bad',
  })
}

const NO_WORKFLOW = ['This picture holds no workflow.', 'Pictures that Jacquard saved hold one.'] as const

/** A file that was chosen for opening. */
export async function openFile(editor: Editor, file: File): Promise<void> {
  try {
    const doc = await docOfFile(file)
    if (!doc) throw new NotAWorkflow(...NO_WORKFLOW)
    openAndReport(editor, doc, doc.title || file.name)
  } catch (error) {
    reportFailure(editor, error, file.name)
  }
}

/** The workflow inside a picture of the gallery. */
export async function openOutput(editor: Editor, url: string, name: string): Promise<boolean> {
  try {
    const answer = await fetch(pictureAddress(url), { credentials: 'same-origin' })
    if (!answer.ok) throw new Error('The picture is no longer there.')
    const doc = await docOfFile(await answer.blob())
    if (!doc) throw new NotAWorkflow(...NO_WORKFLOW)
    openAndReport(editor, doc, `the workflow of ${name}`)
    return true
  } catch (error) {
    reportFailure(editor, error)
    return false
  }
}

export async function listTemplates(editor: Editor): Promise<TemplateInfo[]> {
  return (await editor.http.json<{ templates: TemplateInfo[] }>('/templates')).templates
}

export async function readTemplate(editor: Editor, name: string): Promise<Doc> {
  return readDoc(await bytesOf(await editor.http.get(`/templates/${pathOf(name)}`)))
}

export async function openTemplate(editor: Editor, name: string, title: string): Promise<boolean> {
  try {
    openDoc(editor, await readTemplate(editor, name), `Open ${title}`)
    return true
  } catch (error) {
    reportFailure(editor, error)
    return false
  }
}
