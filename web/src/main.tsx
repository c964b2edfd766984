/** The beginning: theme, stores, the document to show, then the screen. The server is asked while it is drawn. */
import '@xyflow/react/dist/base.css'
import './theme/tokens.css'
import './theme/base.css'
import { ReactFlowProvider } from '@xyflow/react'
import { createRoot } from 'react-dom/client'
import { listenClipboard } from './actions/clipboard'
import { Connection } from './actions/connect'
import { downloadText } from './actions/download'
import { listenDrop } from './actions/drop'
import { readTemplate } from './actions/open'
import { keepSaved } from './actions/saved'
import { claimSession, keepSession } from './actions/session'
import { watchWorker } from './actions/workerFailures'
import { goToSignIn, pageKey } from './api/address'
import { App } from './app/App'
import { loadKeptCatalogue, refreshCatalogue, watchReturnForChoices } from './catalogue/load'
import { registerAll } from './commands/all'
import { newKey } from './document/store'
import { EditorProvider } from './editor/context'
import { createEditor, type Editor } from './editor/editor'
import { watchDocument } from './run/document'
import { forgetViewport } from './scene/viewport'
import { watchReturn } from './state/freshPictures'
import { listenKeys } from './state/keys'
import { startTheme } from './state/theme'
import { fieldSize } from './widgets/registry'

const FIRST_TEMPLATE = 'text-to-image'

/** Reports what of the last session is not here. */
function reportTrouble({ ui, memory }: Editor): void {
  const { lostEdits, setAside } = memory.session.trouble
  if (lostEdits)
    ui.toast(lostEdits === 1 ? 'The last edit was not kept' : `The last ${lostEdits} edits were not kept`, {
      detail: 'The browser could not write them to the end.',
      tone: 'bad',
    })
  if (setAside)
    ui.toast('The workflow that this browser kept is damaged', {
      detail: `${setAside.why} It was set aside.`,
      tone: 'bad',
      action: { label: 'Download it', run: () => downloadText(setAside.text, 'damaged-session.json') },
    })
}

async function firstDocument(editor: Editor): Promise<void> {
  const session = await claimSession(editor)
  reportTrouble(editor)
  if (session) {
    editor.doc.load(session.content)
    return
  }
  forgetViewport()
  try {
    editor.doc.load({ doc: await readTemplate(editor, FIRST_TEMPLATE), origin: { path: '', key: newKey() } })
  } catch {
    editor.ui.toast('The first template could not be fetched', {
      detail: 'Add nodes by double-click, or choose another template.',
    })
  }
}

async function catalogue(editor: Editor): Promise<void> {
  await loadKeptCatalogue(editor)
  const fresh = refreshCatalogue(editor).catch(() => undefined) // without an answer the socket asks again
  if (!editor.doc.getState().version) await fresh
}

/** Goes to the page that signs in while there is nothing to show yet; later the editor shows a bar and keeps the edits. */
function watchAccess({ access }: Editor): () => void {
  return access.subscribe(({ signedOut }) => {
    if (signedOut) goToSignIn()
  })
}

const hasLaunchCode = () => location.hash.startsWith('#launch=')

/** A launch code in the address is of no use to who is signed in. */
function dropLaunchCode(): void {
  if (hasLaunchCode()) history.replaceState(history.state, '', location.pathname)
}

/** An address with a launch code was put in while the editor is there: it is for who is signed out. */
async function checkLaunchCode({ http, access }: Editor): Promise<void> {
  if (!hasLaunchCode()) return
  try {
    await http.get('/system')
    dropLaunchCode()
  } catch {
    if (access.getState().signedOut) goToSignIn()
  }
}

async function start(): Promise<void> {
  if (!pageKey()) {
    goToSignIn()
    return
  }
  const editor = createEditor({ fieldSizes: fieldSize })
  const enough = watchAccess(editor)
  startTheme(editor)
  registerAll(editor)
  watchWorker(editor)
  let connection: Connection | undefined
  watchDocument(editor, () => connection?.renewRuns())
  const first = firstDocument(editor).then(() => {
    connection = new Connection(editor)
  })
  await Promise.all([first, catalogue(editor)])
  editor.view.returnInside()
  editor.flow.start()
  editor.view.prepareViewport()
  editor.view.watchOpened()
  listenKeys(editor)
  listenClipboard(editor)
  watchReturn(editor)
  watchReturnForChoices(editor)
  listenDrop(editor, (dropping) => editor.ui.setState({ dropping }))
  keepSession(editor)
  keepSaved(editor)
  const root = document.getElementById('root')
  if (!root) throw new Error('the page has no place for the editor')
  enough()
  if (editor.access.getState().signedOut) return // on its way to the page that signs in
  dropLaunchCode()
  addEventListener('hashchange', () => void checkLaunchCode(editor))
  createRoot(root).render(
    <EditorProvider value={editor}>
      <ReactFlowProvider>
        <App />
      </ReactFlowProvider>
    </EditorProvider>,
  )
}

void start()
