/** Short messages at the bottom; read out by screen readers. */
import { X } from 'lucide-react'
import { useStore } from 'zustand'
import { useEditor } from '../editor/context'
import './Toasts.css'

export function Toasts() {
  const editor = useEditor()
  const toasts = useStore(editor.ui, (state) => state.toasts)
  return (
    <div className="toasts" role="status" aria-live="polite">
      {toasts.map((toast) => (
        <div key={toast.id} className={`toast is-${toast.tone}`}>
          <div>
            <strong>{toast.text}</strong>
            {toast.detail && <p>{toast.detail}</p>}
          </div>
          {toast.action && (
            <button type="button" className="button" onClick={toast.action.run}>
              {toast.action.label}
            </button>
          )}
          <button
            type="button"
            className="icon-button"
            aria-label="Close this message"
            onClick={() => editor.ui.dismiss(toast.id)}
          >
            <X size={15} />
          </button>
        </div>
      ))}
    </div>
  )
}
