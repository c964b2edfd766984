/** Key presses to commands. Letters are matched by what they write, or by their place on other layouts. */
import { available, type Command, type Commands } from './commands'

const IS_MAC = typeof navigator !== 'undefined' && /Mac|iPhone|iPad/.test(navigator.platform)

export interface KeyPress {
  key: string
  code: string
  ctrlKey: boolean
  metaKey: boolean
  shiftKey: boolean
  altKey: boolean
}

export function matches(press: KeyPress, keys: string, mac = IS_MAC): boolean {
  const parts = keys === '+' ? ['+'] : keys.split('+')
  const last = (parts.at(-1) as string).toLowerCase()
  const mod = mac ? press.metaKey : press.ctrlKey
  const other = mac ? press.ctrlKey : press.metaKey
  if (mod !== parts.includes('mod') || other || press.altKey !== parts.includes('alt')) return false
  const key = press.key.toLowerCase()
  // "?" and "+" are written with shift on many layouts; letters and named keys say so themselves
  if (!'?+'.includes(last) && press.shiftKey !== parts.includes('shift')) return false
  if (key === last || (last === 'space' && key === ' ')) return true
  const latin = key.length === 1 && key.charCodeAt(0) < 128
  return !latin && last.length === 1 && press.code === `Key${last.toUpperCase()}`
}

const WORDS: Record<string, string> = {
  mod: 'Ctrl',
  shift: 'Shift',
  alt: 'Alt',
  enter: 'Enter',
  delete: 'Del',
  space: 'Space',
}

/** Keys as they are printed on a keyboard. */
export function keysInWords(keys: string, mac = IS_MAC): string {
  return keys
    .split('+')
    .map((part) =>
      mac && part === 'mod'
        ? 'Cmd'
        : (WORDS[part.toLowerCase()] ?? (part.length === 1 ? part.toUpperCase() : part)),
    )
    .join(' + ')
}

const FIELDS = 'input, textarea, select, [contenteditable]'

export function commandFor(commands: Commands, event: KeyboardEvent): Command | undefined {
  const target = event.target instanceof Element ? event.target : null
  if (document.querySelector('dialog[open]')) return undefined
  const inField = target?.closest(FIELDS) !== null && target !== null
  const onButton = target?.closest('button, a, [role=button], [role=menuitem]') != null
  return commands
    .all()
    .find(
      (command) =>
        (command.inFields || !inField) &&
        command.keys?.some(
          (keys) => matches(event, keys) && !(onButton && ['Space', 'Enter'].includes(keys)),
        ) &&
        available(command) &&
        (command.byKey?.() ?? true),
    )
}

/** Keys that an input method takes, to choose or to confirm its letters: they are for nobody else on the page. */
const isOfInputMethod = (event: KeyboardEvent) => event.isComposing || event.key === 'Process'

export function listenKeys({ commands }: { commands: Commands }): void {
  addEventListener('keydown', (event) => isOfInputMethod(event) && event.stopPropagation(), { capture: true })
  addEventListener('keydown', (event) => {
    if (event.defaultPrevented) return
    const found = commandFor(commands, event)
    if (!found) return
    event.preventDefault()
    found.run()
  })
}
