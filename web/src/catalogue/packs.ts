/** Node packs in words. Everything else about them is in the worker. */
import type { PackInfo } from '../api/types'

/** Packs that a person may want to look at: those that were left out first. */
export function troubled(packs: readonly PackInfo[]): PackInfo[] {
  const left = packs.filter((pack) => pack.error)
  const others = packs.filter((pack) => !pack.error && (pack.refused?.length || pack.changed?.length))
  return [...left, ...others]
}

/** The pack that was left out and has, or would have, a node type. */
export const packMissing = (packs: readonly PackInfo[], type: string): PackInfo | undefined =>
  packs.find((pack) => pack.error && pack.missing?.includes(type))

export const placeOf = (pack: PackInfo): string =>
  pack.file && pack.line ? `${pack.file}:${pack.line}` : (pack.file ?? '')

/** The state of all packs in a few words; nothing when all are well. */
export function packsInWords(packs: readonly PackInfo[]): string {
  const left = packs.filter((pack) => pack.error).length
  if (left) return left === 1 ? '1 pack left out' : `${left} packs left out`
  const nodes = packs.reduce((sum, pack) => sum + (pack.refused?.length ?? 0), 0)
  if (nodes) return nodes === 1 ? '1 node left out' : `${nodes} nodes left out`
  const others = troubled(packs).length
  return others ? `${others === 1 ? '1 pack' : `${others} packs`} put right` : ''
}
