/** What keeps this page from its server: it is signed out, or a proxy lets no websocket through. */
import { createStore, type StoreApi } from 'zustand/vanilla'

export interface AccessState {
  signedOut: boolean
  /** Why there is no websocket though the server answers; empty while there is one. */
  noSocket: '' | 'proxy' | { message: string; remedy: string }
}

export type Access = StoreApi<AccessState>

export const createAccess = (): Access => createStore<AccessState>(() => ({ signedOut: false, noSocket: '' }))
