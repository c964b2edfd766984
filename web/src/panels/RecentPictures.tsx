/** Thumbnails of the newest outputs. */
import { useEffect } from 'react'
import { useStore } from 'zustand'
import { pictureAddress } from '../api/address'
import { Shot } from '../components/Shot'
import { useEditor } from '../editor/context'
import { useLooked } from '../editor/useFresh'
import { loadOutputs } from '../run/outputs'
import './RecentPictures.css'

const SHOWN = 12

export function RecentPictures() {
  const editor = useEditor()
  const outputs = useStore(editor.run, (state) => state.outputs)
  const times = useLooked()
  // biome-ignore lint/correctness/useExhaustiveDependencies: `times` is the reason to look again
  useEffect(() => void loadOutputs(editor), [times])
  if (!outputs.length) return <p className="quiet">Pictures that you save gather here.</p>
  const shown = outputs.slice(0, SHOWN)
  return (
    <div className="recent-grid">
      {shown.map((output, at) => (
        <button
          key={output.id}
          type="button"
          aria-label={`Look at ${output.name}`}
          title={output.name}
          onClick={() => editor.ui.viewPictures(shown, at)}
        >
          <Shot src={pictureAddress(output.thumbnail ?? output.url)} alt="" loading="lazy" />
        </button>
      ))}
    </div>
  )
}
