/** Saves the workflow under a name; later edits are saved automatically. */
import { type FormEvent, useState } from 'react'
import { fileName } from '../actions/download'
import { listSaved, saveAs } from '../actions/saved'
import { Dialog } from '../components/Dialog'
import { setTitle } from '../document/edits'
import { useEditor } from '../editor/context'
import './SaveDialog.css'

export function SaveDialog({ onClose }: { onClose(): void }) {
  const editor = useEditor()
  const [title, setText] = useState(editor.doc.getState().doc.title ?? '')
  const [taken, setTaken] = useState('')
  const path = `${fileName(title)}.json`
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    const saved = await listSaved(editor)
      .then(({ workflows }) => workflows)
      .catch(() => [])
    const exists = saved.some((one) => one.path === path) && path !== editor.doc.getState().origin.path
    if (exists && taken !== path) {
      setTaken(path)
      return
    }
    editor.doc.commit('Rename the workflow', (_, doc) => setTitle(doc, title.trim()))
    onClose()
    if (await saveAs(editor, path, exists || path === editor.doc.getState().origin.path))
      editor.ui.toast('Saved', { detail: path, tone: 'good' })
  }
  return (
    <Dialog title="Save the workflow" onClose={onClose}>
      <form className="save-form" onSubmit={(event) => void submit(event)}>
        <label htmlFor="save-title">Title</label>
        <input
          id="save-title"
          data-first
          value={title}
          placeholder="My workflow"
          autoComplete="off"
          onChange={(event) => setText(event.target.value)}
        />
        <p className="quiet">
          Saved as <code>{path}</code>. Later edits are saved by themselves, and earlier versions are kept.
        </p>
        {taken === path && (
          <p role="alert">
            There is a workflow of this name. Press again to write over it; its version is kept.
          </p>
        )}
        <div className="actions">
          <button type="button" className="button" onClick={onClose}>
            Not now
          </button>
          <button type="submit" className="button is-primary">
            {taken === path ? 'Write over it' : 'Save'}
          </button>
        </div>
      </form>
    </Dialog>
  )
}
