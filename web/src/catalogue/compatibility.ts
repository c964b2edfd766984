/** Which output may feed which input, and if not, why: the same rules as the engine's, on the data of the catalogue. */
import type { InputType } from '../api/types'

export interface Fit {
  ok: boolean
  /** Why not, or what is converted on the way; '' for a plain fit. It is for people: what follows is in the other fields. */
  reason: string
  /** Of a refusal. */
  code?: 'wrong_type' | 'list_for_one'
  /** The types of the output that are converted on the way. */
  converts?: readonly string[]
  /** What becomes of a stream: the node runs once for each item, or it collects them. */
  stream?: 'each' | 'collects'
}

const FITS: Fit = { ok: true, reason: '' }

const STREAMS = { each: 'runs once for each item', collects: 'collects all items' }

const WORDS: Record<string, string> = {
  MODEL: 'a model',
  CLIP: 'a text encoder (CLIP)',
  VAE: 'a VAE',
  CONDITIONING: 'a prompt (CONDITIONING)',
  LATENT: 'a latent picture (LATENT)',
  IMAGE: 'a picture (IMAGE)',
  MASK: 'a mask',
  INT: 'a whole number',
  FLOAT: 'a number',
  STRING: 'text',
  BOOLEAN: 'true or false',
  COMBO: 'one of its choices',
  '*': 'anything',
  BODY: 'a sub-workflow',
}

/** A socket type in words for a newcomer. */
export function typeInWords(type: string): string {
  return type
    .split(',')
    .map((name) => WORDS[name] ?? name)
    .join(' or ')
}

/** What a wire carries in words for a newcomer. */
export const socketInWords = ({ type, isList }: { type: string; isList: boolean }) =>
  isList ? `a list (${typeInWords(type)}, several at once)` : typeInWords(type)

/** What an output gives, as far as fitting goes. */
export interface Gives {
  type: string
  each?: boolean
  is_list?: boolean
}

/** May an output feed `input`? A union offers each of its members. What is not plain is told, also where it fits. */
export function canFeed(output: Gives, input: Pick<InputType, 'type' | 'accepts' | 'collects'>): Fit {
  const fit = typesFit(output.type, input)
  if (!fit.ok) return fit
  if (output.is_list && !input.collects && input.type !== '*') {
    return {
      ok: false,
      code: 'list_for_one',
      reason: `This wire carries a list (${typeInWords(output.type)}, several at once), but the input wants one. Put the node “List to Each” between: what follows then runs once for each item.`,
    }
  }
  if (!output.each) return fit
  // a list that is itself an item of a stream goes through as it is
  const stream = input.collects && !output.is_list ? 'collects' : 'each'
  const rule = STREAMS[stream]
  return { ...fit, stream, reason: fit.reason ? `${fit.reason}; ${rule}` : rule }
}

function typesFit(output: string, input: Pick<InputType, 'type' | 'accepts'>): Fit {
  if (output === input.type || output === '*' || input.type === '*') return FITS
  const offered = output.split(',')
  const wanted = new Set(input.type.split(','))
  const converts = offered.filter((name) => !wanted.has(name) && input.accepts.includes(name))
  if (converts.length) {
    const reason = `${converts.join(' or ')} is converted to ${[...wanted].join(' or ')}`
    return { ok: true, reason, converts }
  }
  if (offered.some((name) => wanted.has(name))) return FITS
  return {
    ok: false,
    code: 'wrong_type',
    reason: `This wire carries ${typeInWords(output)}, but the input wants ${typeInWords(input.type)}.`,
  }
}
