/** Light, dark, or as the system has it. */
import type { ThemeChoice, Ui } from './ui'

interface Parts {
  ui: Ui
}

const KEY = 'jacquard.theme'
const ORDER: ThemeChoice[] = ['system', 'light', 'dark']
const WORDS: Record<ThemeChoice, string> = { system: 'As the system', light: 'Light', dark: 'Dark' }

function apply(theme: ThemeChoice): void {
  if (theme === 'system') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = theme
}

export function startTheme(parts: Parts): void {
  let kept: string | null = null
  try {
    kept = localStorage.getItem(KEY)
  } catch {
    // the system's theme it is
  }
  setTheme(parts, ORDER.find((name) => name === kept) ?? 'system')
}

export function setTheme({ ui }: Parts, theme: ThemeChoice): void {
  apply(theme)
  ui.setState({ theme })
  try {
    localStorage.setItem(KEY, theme)
  } catch {
    // not kept, then
  }
}

export function nextTheme(parts: Parts): void {
  const { theme } = parts.ui.getState()
  const next = ORDER[(ORDER.indexOf(theme) + 1) % ORDER.length] as ThemeChoice
  setTheme(parts, next)
  parts.ui.toast(`Theme: ${WORDS[next].toLowerCase()}`)
}
