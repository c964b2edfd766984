/** For tests: node types in a line each. */
import type { InputType, NodeType, OutputType } from '../api/types'

export const inputType = (name: string, more: Partial<InputType> = {}): InputType => ({
  name,
  type: 'IMAGE',
  title: name,
  tooltip: '',
  optional: false,
  advanced: false,
  accepts: [more.type ?? 'IMAGE'],
  ...more,
})

export const outputType = (name: string, type = 'IMAGE'): OutputType => ({
  name,
  type,
  tooltip: '',
})

export const nodeType = (id: string, inputs: InputType[], outputs: OutputType[] = []): NodeType => ({
  id,
  title: id,
  category: 'image',
  help: '',
  inputs,
  outputs,
  version: 1,
  side_effect: false,
  lane: 'cpu',
  module: 'toys',
  aliases: [],
  experimental: false,
  deprecated: false,
})
