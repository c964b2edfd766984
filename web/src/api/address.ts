/**
 * Where the server is, and the key of this page. All addresses are relative to the page, which a proxy may have put into
 * a folder. The browser sends the cookie by itself; the key shows that it is this page which asks, and no other program
 * under the same name. The page that signs in (`server/sign_in_page`) puts it into the storage.
 */

/** The folder of the page: its storage is shared by all pages of one name and port. */
export const pageFolder = () => new URL('.', location.href).pathname

const place = () => `jacquard.key:${pageFolder()}`

export function pageKey(): string {
  try {
    return localStorage.getItem(place()) ?? ''
  } catch {
    return '' // nothing may be stored here: then nobody is signed in
  }
}

export function forgetKey(): void {
  try {
    localStorage.removeItem(place())
  } catch {
    // then there is none
  }
}

export const KEY_HEADER = 'X-Jacquard-Key'

export const apiAddress = (path: string) => `api/v1${path}`

/** Where the websocket is, and what it offers: the key goes along as one of its protocols. */
export function socketAddress(): { address: string; protocols: string[] } {
  const address = new URL(apiAddress('/ws'), location.href)
  address.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:'
  return { address: address.href.split('#')[0] as string, protocols: ['jacquard', `key.${pageKey()}`] }
}

/** The address of a picture, as an element may load it. */
export function pictureAddress(url: string, key = pageKey()): string {
  const relative = url.replace(/^\//, '') // runs of older versions have it from the root
  return `${relative}${relative.includes('?') ? '&' : '?'}key=${key}`
}

/** To the page that signs in, and a launch code with it that may stand in the address. */
export function goToSignIn(): void {
  location.replace(`login${location.hash}`)
}
