/** The model files of the server: which are shown for a search, how they are told in words, which node loads one. */
import type { FileWidget, InputType, ModelInfo, Models, NodeType } from '../api/types'

export interface Wanted {
  query: string
  /** The id of a kind; '' for all. */
  kind: string
  /** The id of a family; '' for all. */
  family: string
}

export interface Group {
  folder: string
  models: ModelInfo[]
}

const ROLES: Record<string, string> = {
  clip_l: 'CLIP-L',
  clip_g: 'CLIP-G',
  clip_h: 'OpenCLIP-H',
  t5xxl: 'T5-XXL',
  vae: 'VAE',
  denoiser: 'denoiser',
  text: 'text encoder',
}

export const roleInWords = (role: string): string => ROLES[role] ?? role

/** What a file is: Flux.1 schnell, or at least its kind. */
export function whatIs(model: ModelInfo, kinds: Models['kinds']): string {
  if (!model.kind) return 'not read yet'
  return model.what || (kinds[model.kind] ?? model.kind)
}

/** A size as file managers write it. */
export function sizeInWords(bytes: number): string {
  if (bytes >= 1e9) return `${(bytes / 1e9).toFixed(1)} GB`
  if (bytes >= 1e6) return `${(bytes / 1e6).toFixed(0)} MB`
  return `${Math.max(1, Math.round(bytes / 1e3))} kB`
}

/** The folder inside of the models' folder, and the name in it. */
export function nameParts(name: string): [string, string] {
  const at = name.lastIndexOf('/') + 1
  return [name.slice(0, at), name.slice(at)]
}

const textOf = (model: ModelInfo, all: Models): string =>
  [model.name, model.folder, whatIs(model, all.kinds), model.precision, model.family, model.variant]
    .join(' ')
    .toLowerCase()

/** What fits all words and both filters, by folder, in the server's order. */
export function found(all: Models, { query, kind, family }: Wanted): Group[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean)
  const groups = new Map<string, ModelInfo[]>()
  for (const model of all.models) {
    if (kind && model.kind !== kind) continue
    if (family && model.family !== family) continue
    const text = words.length ? textOf(model, all) : ''
    if (!words.every((word) => text.includes(word))) continue
    const group = groups.get(model.folder)
    if (group) group.push(model)
    else groups.set(model.folder, [model])
  }
  return [...groups].map(([folder, models]) => ({ folder, models }))
}

/** The kinds and families that there are files of, with their names, for the filters. */
export function filters(all: Models): { kinds: [string, string][]; families: [string, string][] } {
  const kinds = new Set(all.models.map((model) => model.kind))
  const families = new Set(all.models.map((model) => model.family))
  return {
    kinds: Object.entries(all.kinds).filter(([id]) => kinds.has(id)),
    families: all.families.filter(({ id }) => families.has(id)).map(({ id, name }) => [id, name]),
  }
}

/** Whether a person may say what a file is: not of one that is damaged, and of a pickle neither. */
export const mayBeCorrected = (model: ModelInfo): boolean =>
  ['safetensors', 'gguf', 'folder'].includes(model.format) && !model.bundled

export interface Loader {
  type: NodeType
  input: InputType
}

const takes = (widget: FileWidget, model: ModelInfo): boolean =>
  widget.folder === model.folder && (!widget.fits?.length || widget.fits.includes(model.kind))

/** The nodes that load a file, the plainest first: the fewer files a node asks for, the plainer it is. */
export function loadersOf(model: ModelInfo, types: Iterable<NodeType>): Loader[] {
  if (!model.kind || model.problem || model.belongs) return []
  const loaders: (Loader & { files: number })[] = []
  for (const type of types) {
    const files = type.inputs.filter(({ widget }) => widget?.kind === 'file')
    const input = files.find(({ widget }) => takes(widget as FileWidget, model))
    if (input && !type.deprecated) loaders.push({ type, input, files: files.length })
  }
  return loaders.sort((one, other) => one.files - other.files)
}
