/** What keeps this page from its server: it is signed out, or a proxy lets no websocket through. */
import { createStore } from 'zustand/vanilla'

export interface Door {
  signedOut: boolean
  /** Why there is no websocket though the server answers; empty while there is one. */
  noSocket: '' | 'proxy' | { message: string; remedy: string }
}

export const door = createStore<Door>(() => ({ signedOut: false, noSocket: '' }))
