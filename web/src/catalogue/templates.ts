/** Templates that need model files of one's own: what is missing, and what will be used. */
import type { TemplateInfo, TemplateNeed } from '../api/types'

export interface Needs {
  /** What has to be got, with where it goes. */
  missing: string[]
  /** The files that are there and will be chosen. */
  uses: string[]
}

export function needsOf({ needs }: TemplateInfo): Needs {
  return {
    missing: needs.filter(({ there }) => !there.length).map(inWords),
    uses: needs.flatMap(({ there }) => there.slice(0, 1)),
  }
}

/** Those that run at once, and those for models of one's own. */
export const sorted = (templates: readonly TemplateInfo[]): [TemplateInfo[], TemplateInfo[]] => [
  templates.filter(({ needs }) => !needs.length),
  templates.filter(({ needs }) => needs.length),
]

function inWords({ what, place, such_as: names }: TemplateNeed): string {
  const named = names.length ? `, such as ${names.join(' or ')}` : ''
  return `${what} in ${place}${named}`
}
