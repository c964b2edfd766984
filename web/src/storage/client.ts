/** The identity of this tab: runs carry it, and the autosave is kept under it. It survives a reload of the tab. */

const KEY = 'jacquard.client'

export interface Client {
  id: string
}

interface Parts {
  client: Client
}

/** What the runs of a document are marked with. */
export const runClient = ({ client }: Parts, documentKey: string) => `${client.id}:${documentKey}`

export function newClientId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(9))
  return Array.from(bytes, (byte) => byte.toString(36).padStart(2, '0')).join('')
}

export function rememberedClient(): string {
  try {
    return sessionStorage.getItem(KEY) ?? ''
  } catch {
    return ''
  }
}

export function becomeClient({ client }: Parts, id: string): void {
  client.id = id
  try {
    sessionStorage.setItem(KEY, id)
  } catch {
    // without storage the tab is a new one after each reload
  }
}
