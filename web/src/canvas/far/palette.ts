/** The colours of the theme, as the canvas needs them. */
import type { Palette } from './paint'

const DYES = ['indigo', 'weld', 'madder', 'saffron', 'cochineal', 'woad', 'moss', 'slate', 'walnut', 'ash']

export function readPalette(element: Element): Palette {
  const style = getComputedStyle(element)
  const value = (name: string) => style.getPropertyValue(name).trim()
  return {
    node: value('--node'),
    border: value('--line-strong'),
    text: value('--text'),
    accent: value('--accent'),
    bad: value('--bad'),
    running: value('--running'),
    font: style.fontFamily || 'sans-serif',
    dyes: Object.fromEntries(DYES.map((name) => [name, value(`--dye-${name}`)])),
  }
}
