/** All saved pictures, newest first. */
import { useEffect, useState } from 'react'
import { useStore } from 'zustand'
import { pictureAddress } from '../api/address'
import { Dialog } from '../components/Dialog'
import { ago } from '../components/format'
import { Shot } from '../components/Shot'
import { useEditor } from '../editor/context'
import { useLooked } from '../editor/useFresh'
import { loadOutputs } from '../run/outputs'
import './Gallery.css'

export function Gallery({ onClose }: { onClose(): void }) {
  const editor = useEditor()
  const outputs = useStore(editor.run, (state) => state.outputs)
  const [more, setMore] = useState(false)
  const times = useLooked()
  // biome-ignore lint/correctness/useExhaustiveDependencies: `times` is the reason to look again
  useEffect(() => void loadOutputs(editor).then(setMore), [times])
  return (
    <Dialog title="Gallery" wide onClose={onClose}>
      {!outputs.length && (
        <p className="quiet">No pictures yet. What a Save Image node saves appears here.</p>
      )}
      <div className="gallery">
        {outputs.map((output, at) => (
          <button
            key={output.id}
            type="button"
            aria-label={`Look at ${output.name}`}
            onClick={() => editor.ui.viewPictures(outputs, at)}
          >
            <Shot src={pictureAddress(output.thumbnail ?? output.url)} alt="" loading="lazy" />
            <span>
              <b>{output.name.split('/').at(-1)}</b>
              {output.width} × {output.height} · {ago(output.created)}
            </span>
          </button>
        ))}
      </div>
      {more && (
        <button type="button" className="button" onClick={() => void loadOutputs(editor, true).then(setMore)}>
          Show older pictures
        </button>
      )}
    </Dialog>
  )
}
