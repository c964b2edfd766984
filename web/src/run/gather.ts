/** Merges messages about one run, so that the stores are copied once for all of them. */
import type { ServerMessage } from '../api/types'

/** Between two messages with events of a run, these may stand without being overtaken by what matters. */
const MAY_BE_PASSED: ReadonlySet<ServerMessage['type']> = new Set(['output', 'choices'])

export function gatherEvents(messages: readonly ServerMessage[]): ServerMessage[] {
  const gathered: ServerMessage[] = []
  let open = -1
  for (const message of messages) {
    const last = gathered[open]
    if (message.type === 'events' && last?.type === 'events' && last.run === message.run) {
      last.events.push(...message.events)
      continue
    }
    gathered.push(message.type === 'events' ? { ...message, events: [...message.events] } : message)
    if (message.type === 'events') open = gathered.length - 1
    else if (!MAY_BE_PASSED.has(message.type)) open = -1
  }
  return gathered
}
