/** Formats numbers and messages for display. */
import { shortened } from '../document/json'

export function seconds(value: number): string {
  if (value < 0.01) return '< 0.01 s'
  if (value < 1) return `${value.toFixed(2)} s`
  if (value < 60) return `${value.toFixed(1)} s`
  const minutes = Math.floor(value / 60)
  return `${minutes} min ${String(Math.floor(value % 60)).padStart(2, '0')} s`
}

/** A running time in tenths of a second only, so that it does not flicker. */
export const counting = (value: number) =>
  value < 60 ? `${Math.max(0, value).toFixed(1)} s` : seconds(value)

export function bytes(value: number): string {
  if (value < 1024) return `${value} B`
  if (value < 2 ** 20) return `${(value / 1024).toFixed(0)} kB`
  return `${(value / 2 ** 20).toFixed(1)} MB`
}

export function ago(at: number, now = Date.now() / 1000): string {
  const passed = Math.max(0, now - at)
  if (passed < 45) return 'just now'
  if (passed < 3600) return `${Math.max(1, Math.round(passed / 60))} min ago`
  if (passed < 86_400) return `${Math.round(passed / 3600)} h ago`
  return new Date(at * 1000).toLocaleDateString()
}

/** The most letters of a message shown. */
const MOST_WORDS = 500

/** A message of the server or of a node as a sentence. */
export function sentence(words: string): string {
  const text = shortened(words, MOST_WORDS)
  // keeps the name of a file or a node as it is
  const first = /^[\p{Ll}'’-]+(?=[\s,:;]|$)/u.test(text) ? text.charAt(0).toUpperCase() + text.slice(1) : text
  return /[.!?…]$/.test(first) ? first : `${first}.`
}
