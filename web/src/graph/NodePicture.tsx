/** The pictures that a node made; before the first run, a piece of empty cloth that says what will be here. */
import { useStore } from 'zustand'
import type { Artifact } from '../api/types'
import { viewPictures } from '../app/viewer'
import type { NodeId } from '../doc/types'
import { runStore } from '../run/store'
import { ClothMark } from '../ui/Logo'

const NONE: readonly Artifact[] = []
const MOST = 9

export function NodePicture({ id, height }: { id: NodeId; height: number }) {
  const pictures = useStore(runStore, (state) => state.pictures[id] ?? NONE)
  const stale = useStore(runStore, (state) => {
    const phase = state.nodes[id]?.state
    return phase === 'waiting' || phase === 'running'
  })
  const shown = pictures.slice(0, MOST)
  const columns = Math.ceil(Math.sqrt(shown.length))
  return (
    <div className={`picture${stale ? ' is-stale' : ''}`} style={{ height }}>
      {shown.length ? (
        <div className="picture-grid" style={{ gridTemplateColumns: `repeat(${columns}, 1fr)` }}>
          {shown.map((artifact, at) => (
            <button
              key={artifact.url}
              type="button"
              className="picture-one nodrag"
              aria-label={`Look at picture ${at + 1} of ${pictures.length} in full size`}
              onClick={() => viewPictures(pictures, at)}
            >
              <img src={artifact.url} alt={`Result ${at + 1}`} draggable={false} decoding="async" />
            </button>
          ))}
        </div>
      ) : (
        <div className="picture-empty">
          <ClothMark />
          <span>Press Run: the picture appears here</span>
        </div>
      )}
    </div>
  )
}
