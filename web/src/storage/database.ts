/** A small key-value store over IndexedDB. Where it is not to be had (private windows), it forgets quietly. */

import { pageFolder } from '../api/address'

/** Each folder of a host has its own. */
const nameOf = (folder: string) => (folder === '/' ? 'jacquard' : `jacquard ${folder}`)
const STORES = ['kv', 'sessions', 'steps'] as const
export type StoreName = (typeof STORES)[number]

type Work<T> = (store: (name: StoreName) => IDBObjectStore) => IDBRequest<T> | undefined

export function createStorage() {
  let opening: Promise<IDBDatabase | null> | null = null

  /** The database of this page; null where the browser has none. */
  function database(): Promise<IDBDatabase | null> {
    opening ??= new Promise((done) => {
      if (typeof indexedDB === 'undefined') return done(null)
      const request = indexedDB.open(nameOf(pageFolder()), 1)
      request.onupgradeneeded = () => {
        for (const store of STORES) request.result.createObjectStore(store)
      }
      request.onsuccess = () => done(request.result)
      request.onerror = () => done(null)
    })
    return opening
  }

  /** Does something in one transaction; resolves when it is on disk, with what `work` asked for. */
  async function transact<T>(
    stores: StoreName[],
    mode: IDBTransactionMode,
    work: Work<T>,
  ): Promise<T | undefined> {
    const db = await database()
    if (!db) return undefined
    return new Promise((done, failed) => {
      const transaction = db.transaction(stores, mode)
      const request = work((name) => transaction.objectStore(name))
      // else a write waits until the page has handled its requests, and is undone when the page goes away before that
      if (mode === 'readwrite') transaction.commit()
      transaction.oncomplete = () => done(request?.result)
      transaction.onerror = () => failed(transaction.error)
      transaction.onabort = () => failed(transaction.error)
    })
  }

  const get = <T>(key: string) =>
    transact<T>(['kv'], 'readonly', (store) => store('kv').get(key)).catch(() => undefined)

  const set = (key: string, value: unknown) =>
    transact(['kv'], 'readwrite', (store) => {
      store('kv').put(value, key)
      return undefined
    }).catch(() => undefined)

  return { database, transact, get, set }
}

export type Storage = ReturnType<typeof createStorage>
