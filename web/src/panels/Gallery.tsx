/** All pictures that were saved, newest first. */
import { useEffect, useState } from 'react'
import { useStore } from 'zustand'
import { pictureAddress } from '../api/address'
import { Dialog } from '../components/Dialog'
import { ago } from '../components/format'
import { Shot } from '../components/Shot'
import { loadOutputs } from '../run/outputs'
import { runStore } from '../run/store'
import { useLooked } from '../state/freshPictures'
import { viewPictures } from '../state/viewer'

export function Gallery({ onClose }: { onClose(): void }) {
  const outputs = useStore(runStore, (state) => state.outputs)
  const [more, setMore] = useState(false)
  const times = useLooked()
  // biome-ignore lint/correctness/useExhaustiveDependencies: `times` is the reason to look again
  useEffect(() => void loadOutputs().then(setMore), [times])
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
            onClick={() => viewPictures(outputs, at)}
          >
            <Shot src={pictureAddress(output.thumbnail)} alt="" loading="lazy" />
            <span>
              <b>{output.name.split('/').at(-1)}</b>
              {output.width} × {output.height} · {ago(output.created)}
            </span>
          </button>
        ))}
      </div>
      {more && (
        <button type="button" className="button" onClick={() => void loadOutputs(true).then(setMore)}>
          Show older pictures
        </button>
      )}
    </Dialog>
  )
}
