/** The pictures that a node made, or a placeholder before the first run. */
import { useMemo } from 'react'
import { useStore } from 'zustand'
import { pictureAddress } from '../api/address'
import { ClothMark } from '../components/Logo'
import { PreviewCanvas } from '../components/PreviewCanvas'
import { Shot } from '../components/Shot'
import type { NodeId } from '../document/types'
import { useEditor, useType } from '../editor/context'
import { usePreview } from '../editor/usePreview'
import { isPicture } from '../run/pictures'
import { nodeRun, picturesOf } from '../run/store'
import { isSubType } from '../subworkflows/instanceTypes'
import { isStrip, PictureStrip } from './PictureStrip'
import './NodePicture.css'

const MAX_SHOWN = 9

/** On a sub-workflow, shows the live preview of the nodes inside while they run. */
export function NodePicture({ id, height }: { id: NodeId; height: number }) {
  const editor = useEditor()
  const preview = usePreview(id)
  const inside = useType(useStore(editor.doc, (state) => state.body.nodes[id]?.type))
  if (!preview || !isSubType(inside)) return <Pictures id={id} height={height} />
  return (
    <div className="picture" style={{ height }}>
      <div className="picture-grid is-preview">
        <PreviewCanvas bitmap={preview} label="Preview of the picture so far" />
      </div>
    </div>
  )
}

function Pictures({ id, height }: { id: NodeId; height: number }) {
  const editor = useEditor()
  const made = useStore(editor.run, (state) => picturesOf(state, id))
  const pictures = useMemo(() => made.filter(isPicture), [made])
  const stale = useStore(editor.run, (state) => {
    const phase = nodeRun(state, id)?.state
    return phase === 'waiting' || phase === 'running'
  })
  // the last pictures of a stream show its progress
  const first = pictures[0]?.item ? Math.max(0, pictures.length - MAX_SHOWN) : 0
  const shown = pictures.slice(first, first + MAX_SHOWN)
  const columns = Math.ceil(Math.sqrt(shown.length))
  return (
    <div className={`picture${stale ? ' is-stale' : ''}`} style={{ height }}>
      {isStrip(pictures) ? (
        <PictureStrip pictures={pictures} onOpen={(at) => editor.ui.viewPictures(pictures, at)} />
      ) : shown.length ? (
        <div className="picture-grid" style={{ gridTemplateColumns: `repeat(${columns}, 1fr)` }}>
          {shown.map((artifact, at) => (
            <button
              key={artifact.url}
              type="button"
              className="picture-one nodrag"
              aria-label={`Look at picture ${first + at + 1} of ${pictures.length} in full size`}
              onClick={() => editor.ui.viewPictures(pictures, first + at)}
            >
              <Shot
                src={pictureAddress((shown.length > 1 && artifact.thumbnail) || artifact.url)}
                alt={`Result ${first + at + 1}`}
                draggable={false}
                decoding="async"
              />
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
