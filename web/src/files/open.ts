/** Opening what a person gives: a JSON file, a PNG that Jacquard saved, a template, text from the clipboard. */
import { http, inWords, pathOf } from '../api/http'
import type { TemplateInfo } from '../api/types'
import { toast } from '../app/ui'
import { docFromJson, NotAWorkflow, readDoc } from '../doc/file'
import { parseJson } from '../doc/json'
import { isPng, readPngText } from '../doc/png'
import { docStore } from '../doc/store'
import { type Doc, emptyDoc, type NodeId, type Point } from '../doc/types'
import { filing } from './session'
import { placePicture } from './upload'

function open(doc: Doc, label: string): void {
  filing.etag = ''
  filing.unsaved = true
  docStore.open(doc, '', label)
}

export function openNew(): void {
  open(emptyDoc(), 'New workflow')
}

/** The document inside a file, or null when the file is a picture without one. */
export async function docOfFile(file: Blob): Promise<Doc | null> {
  const bytes = new Uint8Array(await file.arrayBuffer())
  if (!isPng(bytes)) {
    if (file.type.startsWith('image/')) return null
    return readDoc(new TextDecoder().decode(bytes))
  }
  const text = await readPngText(bytes)
  if (text === null) return null
  const kept = parseJson(text)
  if (typeof kept !== 'object' || kept === null || Array.isArray(kept)) return null
  return docFromJson(kept.workflow ?? null)
}

function fail(error: unknown): void {
  const { message, remedy } = inWords(error)
  toast(message, { detail: remedy, tone: 'bad' })
}

/** A file that was chosen for opening. */
export async function openFile(file: File): Promise<void> {
  try {
    const doc = await docOfFile(file)
    if (!doc)
      throw new NotAWorkflow('This picture holds no workflow.', 'Pictures that Jacquard saved hold one.')
    open(doc, `Open ${file.name}`)
    toast(`Opened ${doc.title ?? file.name}`, { detail: 'Undo brings back what was here before.' })
  } catch (error) {
    fail(error)
  }
}

/** A file that was dropped or pasted: a workflow opens, any other picture becomes an input. */
export async function takeFile(file: File, at: Point, into?: NodeId): Promise<void> {
  try {
    const doc = into ? null : await docOfFile(file)
    if (doc) {
      open(doc, `Open ${file.name}`)
      toast(`Opened the workflow of ${file.name}`, { detail: 'Undo brings back what was here before.' })
    } else await placePicture(file, at, into)
  } catch (error) {
    fail(error)
  }
}

/** The workflow inside a picture of the gallery. */
export async function openOutput(url: string, name: string): Promise<boolean> {
  try {
    const answer = await fetch(url, { credentials: 'same-origin' })
    if (!answer.ok) throw new Error('The picture is no longer there.')
    const doc = await docOfFile(await answer.blob())
    if (!doc)
      throw new NotAWorkflow('This picture holds no workflow.', 'Pictures that Jacquard saved hold one.')
    open(doc, `Open the workflow of ${name}`)
    toast(`Opened the workflow of ${name}`, { detail: 'Undo brings back what was here before.' })
    return true
  } catch (error) {
    fail(error)
    return false
  }
}

export async function listTemplates(): Promise<TemplateInfo[]> {
  return (await http.json<{ templates: TemplateInfo[] }>('/templates')).templates
}

export async function readTemplate(name: string): Promise<Doc> {
  return docFromJson(await http.exact(`/templates/${pathOf(name)}`))
}

export async function openTemplate(name: string, title: string): Promise<boolean> {
  try {
    open(await readTemplate(name), `Open ${title}`)
    return true
  } catch (error) {
    fail(error)
    return false
  }
}
