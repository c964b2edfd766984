/** Shown when the file on the server changed since it was opened. Nothing is written until a person chooses. */
import { save, takeTheirs } from '../actions/saved'
import { inWords } from '../api/http'
import { Dialog } from '../components/Dialog'
import { useEditor } from '../editor/context'
import './ConflictDialog.css'

export function ConflictDialog({ onClose }: { onClose(): void }) {
  const editor = useEditor()
  const theirs = async () => {
    onClose()
    try {
      await takeTheirs(editor)
      editor.ui.toast('This is the version that was saved elsewhere', { detail: 'Undo brings back yours.' })
    } catch (error) {
      editor.ui.toast(inWords(error).message, { tone: 'bad' })
    }
  }
  return (
    <Dialog title="Changed elsewhere" onClose={onClose}>
      <p>
        This workflow was saved from another place, such as a second tab, after you opened it here. Your edits
        are kept in this browser.
      </p>
      <div className="choices">
        <button type="button" className="button" onClick={() => editor.ui.setState({ dialog: 'save' })}>
          Save mine under another title
        </button>
        <button type="button" className="button" onClick={() => void theirs()}>
          Take the other version
        </button>
        <button
          type="button"
          className="button"
          onClick={() => {
            onClose()
            void save(editor, true)
          }}
        >
          Write mine over it
        </button>
      </div>
    </Dialog>
  )
}
