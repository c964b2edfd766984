/** A picture of a run, or a note that its file is missing. */
import { type ImgHTMLAttributes, useState } from 'react'
import './Shot.css'

export function Shot({ src, alt, ...more }: ImgHTMLAttributes<HTMLImageElement>) {
  const [broken, setBroken] = useState<string | undefined>()
  if (src !== undefined && broken === src)
    return (
      <span className="shot-gone" role="img" aria-label={`${alt || 'Picture'}: no longer there`}>
        no longer there
      </span>
    )
  return <img src={src} alt={alt} {...more} onError={() => setBroken(src)} />
}
