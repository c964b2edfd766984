/** A time that counts. The clock of the server starts it; where that lies in our future, ours does. */
import { useEffect, useState } from 'react'
import { counting } from './format'

export function Elapsed({ since }: { since: number | null | undefined }) {
  const [mounted] = useState(() => Date.now() / 1000)
  const [now, setNow] = useState(mounted)
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now() / 1000), 100)
    return () => clearInterval(timer)
  }, [])
  const start = since && since < mounted + 1 ? since : mounted
  return <span className="elapsed">{counting(now - start)}</span>
}
