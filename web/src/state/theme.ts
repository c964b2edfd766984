/** Light, dark, or as the system has it. */
import { type ThemeChoice, toast, ui } from './ui'

const KEY = 'jacquard.theme'
const ORDER: ThemeChoice[] = ['system', 'light', 'dark']
const WORDS: Record<ThemeChoice, string> = { system: 'As the system', light: 'Light', dark: 'Dark' }

function apply(theme: ThemeChoice): void {
  if (theme === 'system') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = theme
}

export function startTheme(): void {
  let kept: string | null = null
  try {
    kept = localStorage.getItem(KEY)
  } catch {
    // the system's theme it is
  }
  setTheme(ORDER.find((name) => name === kept) ?? 'system')
}

export function setTheme(theme: ThemeChoice): void {
  apply(theme)
  ui.setState({ theme })
  try {
    localStorage.setItem(KEY, theme)
  } catch {
    // not kept, then
  }
}

export function nextTheme(): void {
  const { theme } = ui.getState()
  const next = ORDER[(ORDER.indexOf(theme) + 1) % ORDER.length] as ThemeChoice
  setTheme(next)
  toast(`Theme: ${WORDS[next].toLowerCase()}`)
}
