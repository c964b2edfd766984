/** A running time since the server's start time, or since now where the server's clock is ahead. */
import { useEffect, useMemo, useState } from 'react'
import { counting } from './format'

export function Elapsed({ since }: { since: number | null | undefined }) {
  // biome-ignore lint/correctness/useExhaustiveDependencies: another start is another count, on the same place of the screen
  const seen = useMemo(() => Date.now() / 1000, [since])
  const [now, setNow] = useState(seen)
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now() / 1000), 100)
    return () => clearInterval(timer)
  }, [])
  const start = since && since < seen + 1 ? since : seen
  return <span className="elapsed">{counting(Math.max(0, now - start))}</span>
}
