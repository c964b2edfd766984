/** The beginning: theme, stores, the document to show, then the screen. The server is asked while it is drawn. */
import '@xyflow/react/dist/base.css'
import './theme/tokens.css'
import './theme/base.css'
import './theme/app.css'
import './theme/graph.css'
import './theme/panels.css'
import { ReactFlowProvider } from '@xyflow/react'
import { createRoot } from 'react-dom/client'
import { listenClipboard } from './actions/clipboard'
import { connect, renewRuns } from './actions/connect'
import { downloadText } from './actions/download'
import { listenDrop } from './actions/drop'
import { readTemplate } from './actions/open'
import { keepSaved } from './actions/saved'
import { claimSession, keepSession, type Trouble, trouble } from './actions/session'
import { watchWorker } from './actions/workerFailures'
import { door } from './api/access'
import { goToSignIn, pageKey } from './api/address'
import { http } from './api/http'
import { App } from './app/App'
import { loadKeptCatalogue, refreshCatalogue } from './catalogue/load'
import { registerAll } from './commands/all'
import { docStore, newKey } from './document/store'
import { watchDocument } from './run/document'
import { startFlow } from './scene/flow'
import { forgetViewport, prepareViewport, returnInside, watchOpened } from './scene/viewport'
import { watchReturn } from './state/freshPictures'
import { listenKeys } from './state/keys'
import { startTheme } from './state/theme'
import { toast, ui } from './state/ui'

const FIRST_TEMPLATE = 'text-to-image'

/** What of the last session is not here. */
function tellTrouble({ lostEdits, setAside }: Trouble): void {
  if (lostEdits)
    toast(lostEdits === 1 ? 'The last edit was not kept' : `The last ${lostEdits} edits were not kept`, {
      detail: 'The browser could not write them to the end.',
      tone: 'bad',
    })
  if (setAside)
    toast('The workflow that this browser kept is damaged', {
      detail: `${setAside.why} It was set aside.`,
      tone: 'bad',
      action: { label: 'Download it', run: () => downloadText(setAside.text, 'damaged-session.json') },
    })
}

async function firstDocument(): Promise<void> {
  const session = await claimSession()
  tellTrouble(trouble)
  if (session) {
    docStore.load(session.content)
    return
  }
  forgetViewport()
  try {
    docStore.load({ doc: await readTemplate(FIRST_TEMPLATE), origin: { path: '', key: newKey() } })
  } catch {
    toast('The first template could not be fetched', {
      detail: 'Add nodes by double-click, or choose another template.',
    })
  }
}

async function catalogue(): Promise<void> {
  await loadKeptCatalogue()
  const fresh = refreshCatalogue().catch(() => undefined) // without an answer the socket asks again
  if (!docStore.getState().version) await fresh
}

/** Without a session there is nothing to show; once the editor is there it says so, and keeps what was edited. */
function watchDoor(): () => void {
  return door.subscribe(({ signedOut }) => {
    if (signedOut) goToSignIn()
  })
}

const hasLaunchCode = () => location.hash.startsWith('#launch=')

/** A launch code in the address is of no use to who is signed in. */
function dropLaunchCode(): void {
  if (hasLaunchCode()) history.replaceState(history.state, '', location.pathname)
}

/** An address with a launch code was put in while the editor is there: it is for who is signed out. */
async function heedLaunchCode(): Promise<void> {
  if (!hasLaunchCode()) return
  try {
    await http.get('/system')
    dropLaunchCode()
  } catch {
    if (door.getState().signedOut) goToSignIn()
  }
}

async function start(): Promise<void> {
  if (!pageKey()) {
    goToSignIn()
    return
  }
  const enough = watchDoor()
  startTheme()
  registerAll()
  watchWorker()
  watchDocument(renewRuns)
  await Promise.all([firstDocument().then(connect), catalogue()])
  returnInside()
  startFlow()
  prepareViewport()
  watchOpened()
  listenKeys()
  listenClipboard()
  watchReturn()
  listenDrop((dropping) => ui.setState({ dropping }))
  keepSession()
  keepSaved()
  const root = document.getElementById('root')
  if (!root) throw new Error('the page has no place for the editor')
  enough()
  if (door.getState().signedOut) return // on its way to the page that signs in
  dropLaunchCode()
  addEventListener('hashchange', () => void heedLaunchCode())
  createRoot(root).render(
    <ReactFlowProvider>
      <App />
    </ReactFlowProvider>,
  )
}

void start()
