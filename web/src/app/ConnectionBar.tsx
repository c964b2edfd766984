/** A quiet line when something that runs need is not there: a session, the connection, or the worker. */
import { useStore } from 'zustand'
import { useEditor } from '../editor/context'
import './ConnectionBar.css'

const LINES = [
  'proxy_http_version 1.1;',
  'proxy_set_header Upgrade $http_upgrade;',
  'proxy_set_header Connection "upgrade";',
]

export function ConnectionBar() {
  const editor = useEditor()
  const lost = useStore(editor.run, (state) => state.known && !state.online)
  const worker = useStore(editor.run, (state) => state.worker)
  const { signedOut, noSocket } = useStore(editor.access)
  if (signedOut) {
    return (
      <div className="strip is-bad" role="status">
        You are signed out. Run <code>python main.py open</code> where Jacquard runs, or{' '}
        <a href="login">enter its token</a>. Your edits are kept in this browser.
      </div>
    )
  }
  if (noSocket === 'proxy') {
    return (
      <div className="strip is-bad" role="status">
        The proxy in front of Jacquard lets no websocket through, so nothing is told while it happens. Its
        configuration lacks these lines (here for nginx): <code>{LINES.join(' ')}</code>
      </div>
    )
  }
  if (noSocket) {
    return (
      <div className="strip is-bad" role="status">
        {noSocket.message} {noSocket.remedy}
      </div>
    )
  }
  if (lost) {
    return (
      <div className="strip is-bad" role="status">
        No connection to Jacquard. You can go on editing: everything is kept in this browser, and it
        reconnects by itself.
      </div>
    )
  }
  if (worker?.state === 'stopped') {
    return (
      <div className="strip is-bad" role="status">
        The worker that runs the nodes has stopped. {worker.last_failure?.message || worker.message}
      </div>
    )
  }
  return null
}
