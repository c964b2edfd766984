/** A quiet line when something that runs need is not there: the connection, or the worker. */
import { useStore } from 'zustand'
import { runStore } from '../run/store'

export function ConnectionBar() {
  const lost = useStore(runStore, (state) => state.known && !state.online)
  const worker = useStore(runStore, (state) => state.worker)
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
