/** Seeds are whole numbers from 0 to 2^64 - 1; those beyond 2^53 are bigint, so that no digit is lost. */

const MOST = 2n ** 64n - 1n
const BITS = 50

export function readSeed(text: string): number | bigint | null {
  const plain = text.replace(/[\s_,.']/g, '')
  if (!/^\d{1,20}$/.test(plain)) return null
  const value = BigInt(plain)
  if (value > MOST) return MOST
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value
}

export function drawSeed(): number {
  const [high = 0, low = 0] = crypto.getRandomValues(new Uint32Array(2))
  return (high % 2 ** (BITS - 32)) * 2 ** 32 + low
}
