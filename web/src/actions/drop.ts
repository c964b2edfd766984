/** What is dropped on the window: files, folders, and pictures of this page by their address. */
import { apiAddress, KEY_HEADER, pageFolder, pageKey } from '../api/address'
import type { Editor } from '../editor/editor'
import { refuseFolders, takeFiles } from './incomingFiles'
import { uploadField } from './upload'

const carries = (event: DragEvent, kind: string) => event.dataTransfer?.types.includes(kind) ?? false
const hasFiles = (event: DragEvent) => carries(event, 'Files')
const inField = (event: DragEvent) =>
  event.target instanceof Element && event.target.closest('input, textarea, [contenteditable]') !== null

/** Whether something is ours to take: an address that is let go outside of a field would lead the page away. */
const isOurs = (event: DragEvent) => hasFiles(event) || (carries(event, 'text/uri-list') && !inField(event))

export function listenDrop(editor: Editor, onHover: (hovering: boolean) => void): void {
  let depth = 0
  const hover = (by: number) => {
    depth = Math.max(0, depth + by)
    onHover(depth > 0)
  }
  addEventListener('dragenter', (event) => hasFiles(event) && hover(1))
  addEventListener('dragleave', (event) => hasFiles(event) && hover(-1))
  addEventListener('dragover', (event) => isOurs(event) && event.preventDefault())
  addEventListener('drop', (event) => {
    if (!isOurs(event) || !event.dataTransfer) return
    event.preventDefault()
    depth = 0
    onHover(false)
    const node = (event.target as Element).closest<HTMLElement>('.react-flow__node')?.dataset.id
    const into = node && uploadField(editor, node) ? node : undefined
    const at = editor.view.toGraph([event.clientX, event.clientY])
    const { files, folders } = contentsOf(event.dataTransfer)
    if (folders.length) refuseFolders(editor, folders)
    if (files.length) void takeFiles(editor, files, at, into)
    else if (!folders.length) void takeAddress(editor, event.dataTransfer.getData('text/uri-list'), at, into)
  })
}

/** Separates files from folders. Without this a folder looks like a file whose type follows from its name. */
function contentsOf(transfer: DataTransfer): { files: File[]; folders: string[] } {
  const files: File[] = []
  const folders: string[] = []
  for (const item of transfer.items) {
    const entry = item.webkitGetAsEntry?.()
    const file = item.getAsFile()
    if (entry?.isDirectory) folders.push(entry.name)
    else if (file) files.push(file)
  }
  return { files, folders }
}

/** A picture of this server by its address, small or in full; the page may not ask other servers for theirs. */
async function takeAddress(editor: Editor, list: string, at: [number, number], into?: string): Promise<void> {
  const address = list.split(/\r?\n/).find((line) => line && !line.startsWith('#')) ?? ''
  const own = URL.canParse(address) && new URL(address).origin === location.origin ? new URL(address) : null
  const path = own?.pathname.replace('/thumbnails/', '/files/')
  if (!path?.startsWith(`${pageFolder()}${apiAddress('/files/')}`)) {
    editor.ui.toast('An address cannot be opened', {
      detail: 'Save the file on this computer and drop it here.',
      tone: 'bad',
    })
    return
  }
  try {
    const answer = await fetch(path, { credentials: 'same-origin', headers: { [KEY_HEADER]: pageKey() } })
    if (!answer.ok) throw new Error('gone')
    const name = decodeURIComponent(path.split('/').at(-1) ?? 'picture.png')
    const data = await answer.blob()
    await takeFiles(editor, [new File([data], name, { type: data.type })], at, into)
  } catch {
    editor.ui.toast('The picture is no longer there', { tone: 'bad' })
  }
}
