/** Zoom, fit, theme, help: bottom left of the canvas. */
import { CircleQuestionMark, Maximize, Minus, Monitor, Moon, Plus, Sun } from 'lucide-react'
import { useStore } from 'zustand'
import { perform } from '../state/commands'
import { ui } from '../state/ui'

const THEME_ICONS = { system: Monitor, light: Sun, dark: Moon }

export function ViewBar() {
  const theme = useStore(ui, (state) => state.theme)
  const ThemeIcon = THEME_ICONS[theme]
  return (
    <div className="view-bar" role="toolbar" aria-label="View">
      <button
        type="button"
        className="icon-button"
        aria-label="Zoom out"
        title="Zoom out (-)"
        onClick={() => perform('view.out')}
      >
        <Minus size={16} />
      </button>
      <button
        type="button"
        className="icon-button"
        aria-label="Zoom in"
        title="Zoom in (+)"
        onClick={() => perform('view.in')}
      >
        <Plus size={16} />
      </button>
      <button
        type="button"
        className="icon-button"
        aria-label="Show everything"
        title="Show everything (F)"
        onClick={() => perform('view.fit')}
      >
        <Maximize size={15} />
      </button>
      <i className="divider" />
      <button
        type="button"
        className="icon-button"
        aria-label={`Theme: ${theme}`}
        title={`Theme: ${theme}. Click to change`}
        onClick={() => perform('view.theme')}
      >
        <ThemeIcon size={15} />
      </button>
      <button
        type="button"
        className="icon-button"
        aria-label="Keyboard shortcuts"
        title="Keyboard shortcuts (?)"
        onClick={() => perform('help.shortcuts')}
      >
        <CircleQuestionMark size={16} />
      </button>
    </div>
  )
}
