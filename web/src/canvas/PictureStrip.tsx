/** Pictures that belong together, such as the states from noise to picture: one at a time, with a slider through all. */
import { ChevronLeft, ChevronRight } from 'lucide-react'
import { type KeyboardEvent, useState } from 'react'
import { pictureAddress } from '../api/address'
import type { Artifact } from '../api/types'
import { Shot } from '../components/Shot'
import './PictureStrip.css'

/** Whether pictures are shown as a strip: their node said of each what it shows. */
export const isStrip = (pictures: readonly Artifact[]): boolean =>
  pictures.length > 1 && pictures.every(({ label }) => label)

/** Where a key of the picture leads: to a neighbour or an end, never beyond; null for other keys. */
export function placeAfter(key: string, at: number, count: number): number | null {
  const places: Record<string, number> = {
    ArrowLeft: at - 1,
    ArrowRight: at + 1,
    Home: 0,
    End: count - 1,
  }
  const place = places[key]
  return place === undefined ? null : Math.min(count - 1, Math.max(0, place))
}

/** Begins at the last one, which is the result. */
export function PictureStrip({
  pictures,
  onOpen,
}: {
  pictures: readonly Artifact[]
  onOpen(at: number): void
}) {
  const last = pictures.length - 1
  const [chosen, choose] = useState<{ at: number; of: readonly Artifact[] } | null>(null)
  const at = chosen && chosen.of.length === pictures.length ? chosen.at : last
  const go = (place: number) => choose({ at: Math.min(last, Math.max(0, place)), of: pictures })
  const onKey = (event: KeyboardEvent) => {
    const place = placeAfter(event.key, at, pictures.length)
    if (place === null) return
    event.preventDefault()
    event.stopPropagation() // the canvas moves nodes with these keys
    go(place)
  }
  const shown = pictures[at]
  return (
    <div className="picture-strip nodrag nowheel">
      <button
        type="button"
        className="picture-strip-picture"
        aria-label={`Look at ${shown?.label} in full size`}
        onClick={() => onOpen(at)}
        onKeyDown={onKey}
      >
        {/* all of them are there, so that none has to be fetched while the slider moves */}
        {pictures.map((picture, place) => (
          <span key={picture.url} hidden={place !== at}>
            <Shot
              src={pictureAddress(picture.url)}
              alt={picture.label ?? ''}
              draggable={false}
              decoding="async"
            />
          </span>
        ))}
      </button>
      <div className="picture-strip-line">
        <button
          type="button"
          className="icon-button"
          aria-label="State before"
          disabled={at === 0}
          onClick={() => go(at - 1)}
        >
          <ChevronLeft size={15} />
        </button>
        <input
          type="range"
          aria-label="State"
          aria-valuetext={`${at + 1} of ${pictures.length}, ${shown?.label}`}
          min={0}
          max={last}
          step={1}
          value={at}
          onChange={(event) => go(Number(event.target.value))}
          onKeyDown={onKey}
        />
        <button
          type="button"
          className="icon-button"
          aria-label="State after"
          disabled={at === last}
          onClick={() => go(at + 1)}
        >
          <ChevronRight size={15} />
        </button>
      </div>
      <p className="picture-strip-label" title={shown?.label}>
        {shown?.label}
      </p>
    </div>
  )
}
