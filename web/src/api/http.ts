/** Typed calls of the HTTP API. Every failure is an `ApiFailure` with a sentence for a person. */

import type { Access } from './access'
import { apiAddress, KEY_HEADER, pageKey } from './address'
import type { ApiError, ErrorAnswer, Problem } from './types'

/** What an error says; one that the page itself makes may say less than one of the server. */
type Failing = Partial<ApiError> & Pick<ApiError, 'code' | 'message'>

export class ApiFailure extends Error {
  constructor(
    readonly status: number,
    readonly error: Failing,
  ) {
    super(error.message)
  }

  get problems(): Problem[] {
    return this.error.problems ?? []
  }
}

const OFFLINE: Failing = {
  code: 'offline',
  message: 'Jacquard does not answer.',
  remedy: 'Check that it is still running in its terminal. Your edits are kept in this browser.',
}

const SIGNED_OUT: Failing = {
  code: 'signed_out',
  message: 'You are no longer signed in.',
  remedy:
    'Run “python main.py open” where Jacquard runs, or enter its token. Your edits are kept in this browser.',
}

async function errorOf(answer: Response): Promise<Failing> {
  try {
    const body = (await answer.json()) as Partial<ErrorAnswer>
    if (body.error) return body.error
  } catch {
    // not our JSON: a proxy or another program answered
  }
  return { code: `http_${answer.status}`, message: `The server answered with status ${answer.status}.` }
}

/** The bytes of an answer: its text would have what is no UTF-8 replaced without a word. */
export const bytesOf = async (answer: Response) => new Uint8Array(await answer.arrayBuffer())

const asJson = { 'Content-Type': 'application/json' }

/** Uploads with progress, which `fetch` does not report. */
function sendWithProgress(
  path: string,
  body: FormData,
  onProgress: (share: number) => void,
): Promise<Response> {
  return new Promise((done, failed) => {
    const request = new XMLHttpRequest()
    request.open('POST', apiAddress(path))
    request.setRequestHeader(KEY_HEADER, pageKey())
    request.upload.onprogress = ({ lengthComputable, loaded, total }) => {
      if (lengthComputable && total) onProgress(loaded / total)
    }
    request.onload = () => done(new Response(request.responseText, { status: request.status }))
    request.onerror = () => failed(new ApiFailure(0, OFFLINE))
    request.send(body)
  })
}

/** The calls of one page. Whether answers show a valid session goes into `access`. */
export function createHttp(access: Access) {
  async function send(path: string, init: RequestInit, address = apiAddress(path)): Promise<Response> {
    let answer: Response
    const headers = { ...(init.headers as Record<string, string> | undefined), [KEY_HEADER]: pageKey() }
    try {
      answer = await fetch(address, { credentials: 'same-origin', ...init, headers })
    } catch {
      throw new ApiFailure(0, OFFLINE)
    }
    return settled(answer)
  }

  /** The answer, or an `ApiFailure` for one of failure. */
  async function settled(answer: Response): Promise<Response> {
    const signedOut = answer.status === 401
    if (access.getState().signedOut !== signedOut) access.setState({ signedOut })
    if (answer.ok || answer.status === 304) return answer
    if (signedOut) throw new ApiFailure(401, SIGNED_OUT) // the server's words are for programs
    throw new ApiFailure(answer.status, await errorOf(answer))
  }

  return {
    get: (path: string, headers: Record<string, string> = {}) => send(path, { headers }),
    /** What is there now: the browser asks whether what it holds still counts. */
    fresh: (path: string, signal: AbortSignal) => send(path, { cache: 'no-cache', signal }),
    json: async <T>(path: string): Promise<T> => (await send(path, {})).json() as Promise<T>,
    post: (path: string, body = '{}') => send(path, { method: 'POST', headers: asJson, body }),
    put: (path: string, body: string, headers: Record<string, string>) =>
      send(path, { method: 'PUT', headers: { ...asJson, ...headers }, body }),
    remove: (path: string) => send(path, { method: 'DELETE' }),
    /** End the session of this browser. */
    signOut: () => send('', { method: 'POST' }, 'logout'),
    /** Upload a picture into the input folder; returns the name to use. `onProgress` gets the share that is sent. */
    async upload(file: File, onProgress: (share: number) => void): Promise<string> {
      const form = new FormData()
      form.append('file', file, file.name || 'pasted.png')
      const answer = await settled(await sendWithProgress('/uploads', form, onProgress))
      return ((await answer.json()) as { name: string }).name
    },
  }
}

export type Http = ReturnType<typeof createHttp>

/** A path of several parts, each of them escaped. */
export const pathOf = (path: string) => path.split('/').map(encodeURIComponent).join('/')

/** The message for a person about anything that was thrown. */
export function inWords(error: unknown): { message: string; remedy: string } {
  if (error instanceof ApiFailure) return { message: error.message, remedy: error.error.remedy ?? '' }
  const remedy = error instanceof Error && 'remedy' in error ? String(error.remedy) : ''
  return { message: error instanceof Error ? error.message : String(error), remedy }
}
