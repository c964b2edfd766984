/** A bitmap on a canvas. */
import { useLayoutEffect, useRef } from 'react'
import './PreviewCanvas.css'

export function PreviewCanvas({ bitmap, label }: { bitmap: ImageBitmap; label: string }) {
  const canvas = useRef<HTMLCanvasElement>(null)
  useLayoutEffect(() => {
    if (!canvas.current) return
    canvas.current.width = bitmap.width
    canvas.current.height = bitmap.height
    canvas.current.getContext('2d')?.drawImage(bitmap, 0, 0)
  }, [bitmap])
  return <canvas ref={canvas} className="preview" role="img" aria-label={label} />
}
