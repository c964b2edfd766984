/** One picture in full size; arrow keys step to its neighbours. */
import { ChevronLeft, ChevronRight, Download, Workflow, X } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { openOutput } from '../actions/open'
import { pictureAddress } from '../api/address'
import type { Artifact, Output } from '../api/types'
import { bytes } from '../components/format'
import { Shot } from '../components/Shot'
import { useEditor } from '../editor/context'
import './Viewer.css'

function facts(picture: Artifact | Output): string {
  const size = 'width' in picture && picture.width ? `${picture.width} × ${picture.height}` : ''
  const weight = 'bytes' in picture && picture.bytes ? bytes(picture.bytes) : ''
  return [size, weight].filter(Boolean).join(' · ')
}

export function Viewer({
  pictures,
  start,
  onClose,
}: {
  pictures: readonly Artifact[]
  start: number
  onClose(): void
}) {
  const editor = useEditor()
  const [at, setAt] = useState(start)
  const [real, setReal] = useState(false)
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    if (dialog.current && !dialog.current.open) dialog.current.showModal()
  }, [])
  const picture = pictures[at]
  if (!picture) return null
  const go = (by: number) => {
    setReal(false)
    setAt((at + by + pictures.length) % pictures.length)
  }
  const name = picture.name.split('/').at(-1) ?? picture.name
  const restore = async () => {
    if (await openOutput(editor, picture.url, name)) editor.ui.setState({ dialog: null, viewing: null })
  }
  return (
    <dialog
      ref={dialog}
      className="viewer"
      aria-label={`Picture ${name}`}
      onCancel={(event) => {
        event.preventDefault()
        onClose()
      }}
      onKeyDown={(event) => {
        if (event.key === 'ArrowRight') go(1)
        if (event.key === 'ArrowLeft') go(-1)
      }}
    >
      <header>
        <div>
          <h2>{name}</h2>
          <span>
            {[picture.label, facts(picture), pictures.length > 1 ? `${at + 1} of ${pictures.length}` : '']
              .filter(Boolean)
              .join(' · ')}
          </span>
        </div>
        <button type="button" className="button" onClick={() => void restore()}>
          <Workflow size={16} /> Open its workflow
        </button>
        <a className="button" href={pictureAddress(picture.url)} download={name}>
          <Download size={16} /> Download
        </a>
        <button type="button" className="icon-button" aria-label="Close" onClick={onClose}>
          <X size={20} />
        </button>
      </header>
      <div className={`viewer-picture${real ? ' is-real' : ''}`}>
        <button
          type="button"
          aria-label={real ? 'Fit into the window' : 'Show at its real size'}
          onClick={() => setReal(!real)}
        >
          <Shot src={pictureAddress(picture.url)} alt={name} />
        </button>
      </div>
      {pictures.length > 1 && (
        <>
          <button
            type="button"
            className="viewer-step is-back"
            aria-label="Picture before"
            onClick={() => go(-1)}
          >
            <ChevronLeft size={26} />
          </button>
          <button
            type="button"
            className="viewer-step is-next"
            aria-label="Next picture"
            onClick={() => go(1)}
          >
            <ChevronRight size={26} />
          </button>
        </>
      )}
    </dialog>
  )
}
