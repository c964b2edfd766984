/** The document as a file on this computer. */
import { writeDoc } from '../document/file'
import type { Editor } from '../editor/editor'

/** A title as the name of a file. */
export function fileName(title: string): string {
  const plain = title
    .normalize('NFKD')
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-+|-+$/g, '')
    .toLowerCase()
  return plain.slice(0, 80) || 'workflow'
}

export function download(editor: Editor): void {
  const { doc } = editor.doc.getState()
  downloadText(writeDoc(doc), `${fileName(doc.title ?? '')}.json`)
}

export function downloadText(text: string, name: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: 'application/json' }))
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(address), 1000)
}
