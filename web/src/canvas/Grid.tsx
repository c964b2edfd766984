/**
 * The dots behind the graph: one layer, a little larger than the canvas, that is shifted by less than a cell. So panning
 * repaints nothing; only a change of zoom does.
 */
import { useStoreApi } from '@xyflow/react'
import { useEffect, useRef } from 'react'
import './Grid.css'

const CELL = 24
/** Below this distance every second dot is left out: closer dots look like a grey area. */
const CLOSEST = 15

export function Grid() {
  const layer = useRef<HTMLDivElement>(null)
  const flow = useStoreApi()
  useEffect(() => {
    const style = layer.current?.style
    if (!style) return
    let drawn = 0
    const place = () => {
      const [x, y, zoom] = flow.getState().transform
      let cell = CELL * zoom
      while (cell < CLOSEST) cell *= 2
      if (cell !== drawn) {
        style.backgroundSize = `${cell}px ${cell}px`
        drawn = cell
      }
      style.transform = `translate(${x % cell}px, ${y % cell}px)`
    }
    place()
    return flow.subscribe((now, before) => {
      if (now.transform !== before.transform) place()
    })
  }, [flow])
  return <div ref={layer} className="grid" />
}
