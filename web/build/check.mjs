/**
 * Builds the editor into a folder of its own and compares it with the committed one; fails when they differ.
 * Compressed siblings are compared by what they hold: their bytes depend on the zlib and brotli inside Node.js.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { build } from 'vite'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const committed = join(root, 'dist')
const fresh = mkdtempSync(join(tmpdir(), 'jacquard-dist-'))

const files = (folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((entry) => statSync(join(folder, entry)).isFile())
    .sort()

function content(file) {
  const data = readFileSync(file)
  if (file.endsWith('.gz')) return gunzipSync(data)
  return file.endsWith('.br') ? brotliDecompressSync(data) : data
}

try {
  await build({ root, logLevel: 'warn', build: { outDir: fresh, emptyOutDir: true } })
  const [ours, theirs] = [files(fresh), files(committed)]
  const differing = [...new Set([...ours, ...theirs])].filter(
    (entry) =>
      !ours.includes(entry) ||
      !theirs.includes(entry) ||
      !content(join(fresh, entry)).equals(content(join(committed, entry))),
  )
  if (differing.length) {
    console.error(
      `web/dist is not what web/src builds to; run "make web" and commit it:\n  ${differing.join('\n  ')}`,
    )
    process.exitCode = 1
  } else console.log(`web/dist is current: ${ours.length} files`)
} finally {
  rmSync(fresh, { recursive: true, force: true })
}
