/** Zoom, fit, theme, help: bottom left of the canvas. */
import { CircleQuestionMark, Maximize, Minus, Monitor, Moon, Plus, Sun } from 'lucide-react'
import { useStore } from 'zustand'
import { useEditor } from '../editor/context'
import './ViewBar.css'

const THEME_ICONS = { system: Monitor, light: Sun, dark: Moon }

export function ViewBar() {
  const editor = useEditor()
  const theme = useStore(editor.ui, (state) => state.theme)
  const ThemeIcon = THEME_ICONS[theme]
  return (
    <div className="view-bar" role="toolbar" aria-label="View">
      <button
        type="button"
        className="icon-button"
        aria-label="Zoom out"
        title="Zoom out (-)"
        onClick={() => editor.commands.perform('view.out')}
      >
        <Minus size={16} />
      </button>
      <button
        type="button"
        className="icon-button"
        aria-label="Zoom in"
        title="Zoom in (+)"
        onClick={() => editor.commands.perform('view.in')}
      >
        <Plus size={16} />
      </button>
      <button
        type="button"
        className="icon-button"
        aria-label="Show everything"
        title="Show everything (F)"
        onClick={() => editor.commands.perform('view.fit')}
      >
        <Maximize size={15} />
      </button>
      <i className="divider" />
      <button
        type="button"
        className="icon-button"
        aria-label={`Theme: ${theme}`}
        title={`Theme: ${theme}. Click to change`}
        onClick={() => editor.commands.perform('view.theme')}
      >
        <ThemeIcon size={15} />
      </button>
      <button
        type="button"
        className="icon-button"
        aria-label="Keyboard shortcuts"
        title="Keyboard shortcuts (?)"
        onClick={() => editor.commands.perform('help.shortcuts')}
      >
        <CircleQuestionMark size={16} />
      </button>
    </div>
  )
}
