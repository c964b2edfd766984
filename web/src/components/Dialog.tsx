/** A modal <dialog>: the focus starts at the element with `data-first` and stays inside; Escape closes it. */
import { X } from 'lucide-react'
import { type ReactNode, useEffect, useRef } from 'react'
import './Dialog.css'

export function Dialog(props: {
  title: string
  wide?: boolean
  onClose(): void
  children: ReactNode
  actions?: ReactNode
}) {
  const { title, wide, onClose, children, actions } = props
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    const element = dialog.current
    if (element && !element.open) {
      element.showModal() // without `data-first` the browser focuses the close button
      element.querySelector<HTMLElement>('[data-first]')?.focus()
    }
    return () => element?.close()
  }, [])
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes it by itself
    <dialog
      ref={dialog}
      className={`dialog${wide ? ' is-wide' : ''}`}
      aria-label={title}
      onCancel={(event) => {
        event.preventDefault()
        onClose()
      }}
      onClick={(event) => {
        if (event.target === dialog.current) onClose()
      }}
    >
      <div className="dialog-inside">
        <header>
          <h2>{title}</h2>
          <button type="button" className="icon-button" aria-label="Close" onClick={onClose}>
            <X size={18} />
          </button>
        </header>
        <div className="dialog-body">{children}</div>
        {actions && <footer>{actions}</footer>}
      </div>
    </dialog>
  )
}
