/** Writes the licences of everything that went into the bundle beside it. Refuses what is not permissive. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Plugin } from 'vite'

const PERMITTED = new Set(['MIT', 'ISC', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', '0BSD'])
const PACKAGE = /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//

interface Package {
  name: string
  version: string
  license?: string
}

function describe(folder: string): string {
  const {
    name,
    version,
    license = 'unknown',
  } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Package
  if (!PERMITTED.has(license)) throw new Error(`${name} has the licence ${license}, which may not be bundled`)
  const file = readdirSync(folder)
    .sort()
    .find((entry) => /^licen[cs]e/i.test(entry))
  const text = file ? readFileSync(join(folder, file), 'utf8').trim() : `Licence: ${license}`
  return `${name} ${version} (${license})\n\n${text.replaceAll('\r\n', '\n')}\n`
}

export function licenses(): Plugin {
  return {
    name: 'jacquard-licenses',
    generateBundle(_, bundle) {
      const folders = new Set<string>()
      for (const chunk of Object.values(bundle)) {
        if (chunk.type !== 'chunk') continue
        for (const id of chunk.moduleIds) {
          const folder = PACKAGE.exec(id.replace(/^\0/, ''))?.[1]
          if (folder && existsSync(join(folder, 'package.json'))) folders.add(folder)
        }
      }
      const parts = [...folders].map(describe).sort()
      const source = `The editor contains the following works.\n\n${parts.join(`\n${'-'.repeat(80)}\n\n`)}`
      this.emitFile({ type: 'asset', fileName: 'THIRD_PARTY_LICENSES.txt', source })
    },
  }
}
