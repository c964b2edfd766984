/** Opens a saved workflow or a file of this computer. */
import { FolderOpen } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { openFile } from '../actions/open'
import { listSaved, openSaved } from '../actions/saved'
import { inWords } from '../api/http'
import type { LeftOut, SavedWorkflow } from '../api/types'
import { Dialog } from '../components/Dialog'
import { ago, bytes } from '../components/format'
import { useEditor } from '../editor/context'
import './OpenDialog.css'

const SHOWN = 5

export function OpenDialog({ onClose }: { onClose(): void }) {
  const editor = useEditor()
  const [saved, setSaved] = useState<SavedWorkflow[] | null>(null)
  const [leftOut, setLeftOut] = useState<LeftOut[]>([])
  const [problem, setProblem] = useState('')
  const [words, setWords] = useState('')
  const chooser = useRef<HTMLInputElement>(null)
  useEffect(() => {
    listSaved(editor).then(
      (answer) => {
        setSaved(answer.workflows)
        setLeftOut(answer.left_out)
      },
      (error: unknown) => setProblem(inWords(error).message),
    )
  }, [editor])
  const open = async (path: string) => {
    try {
      await openSaved(editor, path)
      onClose()
    } catch (error) {
      const { message, remedy } = inWords(error)
      editor.ui.toast(message, { detail: remedy, tone: 'bad' })
    }
  }
  const choose = async (file: File | undefined) => {
    if (!file) return
    onClose()
    await openFile(editor, file)
  }
  const found =
    saved?.filter((one) => `${one.title} ${one.path}`.toLowerCase().includes(words.toLowerCase())) ?? []
  return (
    <Dialog
      title="Open a workflow"
      onClose={onClose}
      actions={
        <button type="button" className="button" onClick={() => chooser.current?.click()}>
          <FolderOpen size={16} /> From this computer
        </button>
      }
    >
      <input
        ref={chooser}
        type="file"
        hidden
        accept=".json,.png,application/json,image/png"
        aria-label="Workflow file"
        onChange={(event) => void choose(event.target.files?.[0])}
      />
      <input
        type="search"
        className="search"
        placeholder="Find by title or path"
        aria-label="Find by title or path"
        value={words}
        onChange={(event) => setWords(event.target.value)}
      />
      {problem && <p role="alert">{problem}</p>}
      {leftOut.length > 0 && (
        <p className="quiet">
          Left out:{' '}
          {leftOut
            .slice(0, SHOWN)
            .map(({ name, reason }) => `${name} (${reason})`)
            .join(', ')}
          {leftOut.length > SHOWN && ` and ${leftOut.length - SHOWN} more`}
        </p>
      )}
      {saved?.length === 0 && leftOut.length === 0 && (
        <p className="quiet">Nothing saved yet. Ctrl + S saves the workflow on the canvas.</p>
      )}
      <ul className="file-list">
        {found.map((one) => (
          <li key={one.path}>
            <button type="button" onClick={() => void open(one.path)}>
              <strong>{one.title || one.path}</strong>
              <span>
                {one.path} · {bytes(one.bytes)} · {ago(one.modified)}
              </span>
            </button>
          </li>
        ))}
      </ul>
    </Dialog>
  )
}
