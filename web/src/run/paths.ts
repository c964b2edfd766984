/** Questions about records by path: what lies at a node and in the nodes inside it. */

type Entries<T> = Readonly<Record<string, readonly T[]>>

const NUMBERED = /^(.*?)(\d+)$/

/**
 * The order of paths: as the nodes are numbered (`9/turn2` before `9/turn10`), and what goes further in after what does
 * not, since each turn of a While lies inside the one before.
 */
export function comparePaths(one: string, other: string): number {
  const [ones, others] = [one.split('/'), other.split('/')]
  for (let at = 0; at < ones.length && at < others.length; at++) {
    const [a, b] = [ones[at] as string, others[at] as string]
    if (a === b) continue
    const [, stem, number] = NUMBERED.exec(a) ?? []
    const [, otherStem, otherNumber] = NUMBERED.exec(b) ?? []
    if (stem !== undefined && stem === otherStem) return Number(number) - Number(otherNumber)
    return ones.length - others.length || (a < b ? -1 : 1)
  }
  return ones.length - others.length
}

/** Whether a path lies inside one of some others. */
export function isInside(path: string, others: ReadonlySet<string>): boolean {
  for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1))
    if (others.has(path.slice(0, at))) return true
  return false
}

/** The paths of a record that lie inside others, by the outermost node. */
function innerPaths(record: Entries<unknown>): Map<string, string[]> {
  const found = new Map<string, string[]>()
  for (const path of Object.keys(record)) {
    const at = path.indexOf('/')
    if (at < 0) continue
    const outer = path.slice(0, at)
    const list = found.get(outer)
    if (list) list.push(path)
    else found.set(outer, [path])
  }
  return found
}

/** Looks up the entries at a path and below it; the same list as long as nothing in it changes. */
export function collector<T>() {
  const indices = new WeakMap<object, { inner: Map<string, string[]>; found: Map<string, readonly T[]> }>()
  let last = new Map<string, readonly T[]>()
  return (record: Entries<T>, path: string): readonly T[] | undefined => {
    let index = indices.get(record)
    if (!index) {
      index = { inner: innerPaths(record), found: new Map() }
      indices.set(record, index)
    }
    const outer = path.split('/', 1)[0] as string
    const below = index.inner.get(outer)
    if (!below) return record[path]
    const known = index.found.get(path)
    if (known) return known.length ? known : undefined
    const inside = below.filter((key) => key.startsWith(`${path}/`)).sort(comparePaths)
    let found: readonly T[] = [...(record[path] ?? []), ...inside.flatMap((key) => record[key] ?? [])]
    const before = last.get(path)
    if (before?.length === found.length && found.every((item, at) => item === before[at])) found = before
    index.found.set(path, found)
    if (last.size > MOST_KEPT) last = new Map()
    last.set(path, found)
    return found.length ? found : undefined
  }
}

const MOST_KEPT = 500
