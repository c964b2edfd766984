/** The commands of files and of the session. */
import { download } from '../actions/download'
import { openNew } from '../actions/open'
import { save } from '../actions/saved'
import { forgetKey, goToSignIn } from '../api/address'
import { ApiFailure, inWords } from '../api/http'
import type { Editor } from '../editor/editor'
import type { Command } from '../state/commands'

async function signOut(editor: Editor): Promise<void> {
  try {
    await editor.http.signOut()
  } catch (error) {
    if (!(error instanceof ApiFailure && error.status === 401)) {
      const { message, remedy } = inWords(error)
      editor.ui.toast(message, { detail: remedy, tone: 'bad' })
      return
    }
  }
  forgetKey()
  goToSignIn()
}

function saveNow(editor: Editor): void {
  if (editor.doc.getState().origin.path) {
    void save(editor).then((saved) => saved && editor.ui.toast('Saved', { tone: 'good' }))
  } else editor.ui.setState({ dialog: 'save' })
}

export const fileCommands = (editor: Editor): Command[] => [
  { id: 'file.new', title: 'New workflow', group: 'File', run: () => openNew(editor) },
  {
    id: 'file.templates',
    title: 'Templates',
    group: 'File',
    keys: ['t'],
    run: () => editor.ui.setState({ dialog: 'templates' }),
  },
  {
    id: 'file.open',
    title: 'Open',
    group: 'File',
    keys: ['mod+o'],
    inFields: true,
    run: () => editor.ui.setState({ dialog: 'open' }),
  },
  {
    id: 'file.save',
    title: 'Save',
    group: 'File',
    keys: ['mod+s'],
    inFields: true,
    run: () => saveNow(editor),
  },
  {
    id: 'file.saveAs',
    title: 'Save as',
    group: 'File',
    keys: ['mod+shift+s'],
    inFields: true,
    run: () => editor.ui.setState({ dialog: 'save' }),
  },
  { id: 'file.download', title: 'Download as a file', group: 'File', run: () => download(editor) },
  { id: 'file.signOut', title: 'Sign out', group: 'File', run: () => void signOut(editor) },
]
