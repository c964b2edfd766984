/** The newest outputs, small. */
import { useEffect } from 'react'
import { useStore } from 'zustand'
import { pictureAddress } from '../api/address'
import { Shot } from '../components/Shot'
import { loadOutputs } from '../run/outputs'
import { runStore } from '../run/store'
import { useLooked } from '../state/freshPictures'
import { viewPictures } from '../state/viewer'

const SHOWN = 12

export function RecentPictures() {
  const outputs = useStore(runStore, (state) => state.outputs)
  const times = useLooked()
  // biome-ignore lint/correctness/useExhaustiveDependencies: `times` is the reason to look again
  useEffect(() => void loadOutputs(), [times])
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
          onClick={() => viewPictures(shown, at)}
        >
          <Shot src={pictureAddress(output.thumbnail)} alt="" loading="lazy" />
        </button>
      ))}
    </div>
  )
}
