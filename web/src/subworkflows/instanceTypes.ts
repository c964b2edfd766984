/** The node type that a sub-workflow is for those who use it: inputs and outputs as the nodes that they lead to have them. */
import type { InputType, Json, NodeType, OutputType } from '../api/types'
import type { Converts } from '../catalogue/conversions'
import { MOST_SHOWN, shortened } from '../document/json'
import { subTitle, typeOfSubId } from '../document/subworkflows'
import { isReference, type Sub, type SubId, type SubInput } from '../document/types'
import { carrierOf, type Lookup } from './typeInference'

export const CATEGORY = 'Sub-workflows'

export interface SubType extends NodeType {
  /** Whether a node inside shows pictures, which then stand on the instance. */
  pictures: boolean
  /** By input, the default of the node type behind it, whatever value stands there. */
  typeDefaults: ReadonlyMap<string, Json>
}

export const isSubType = (type: NodeType | undefined): type is SubType =>
  type !== undefined && 'pictures' in type

/** A node that makes something to look at: it shows its pictures. */
export function showsPictures(type: NodeType): boolean {
  if (isSubType(type)) return type.pictures
  const takesPictures = type.inputs.some((input) => input.type.split(',').includes('IMAGE'))
  return type.side_effect && (takesPictures || type.writes === 'temp')
}

/** An output of an instance has the title that its sub-workflow gives it; those of nodes are shown by their names. */
export type InstanceOutput = OutputType & { title?: string }

export function typeOfSub(id: SubId, sub: Sub, lookup: Lookup, converts: Converts): SubType {
  const carrier = carrierOf(sub, lookup, converts)
  const types = sub.order.flatMap((node) => lookup(sub.nodes[node]?.type ?? '') ?? [])
  return {
    id: typeOfSubId(id),
    title: subTitle(id, sub),
    category: CATEGORY,
    help: sub.description ?? '',
    inputs: sub.inputs.map((input) => inputOf(input, sub, lookup)),
    outputs: sub.outputs.map(({ name, title, from: [node, socket] }): InstanceOutput => {
      const { type, each, isList, open } = carrier(node, socket)
      const inner = lookup(sub.nodes[node]?.type ?? '')?.outputs.find((output) => output.name === socket)
      return {
        name,
        ...(title && { title }),
        type,
        tooltip: inner?.tooltip ?? '',
        ...(each && { each }),
        ...(isList && { is_list: true }),
        ...(open && { generic: open }),
      }
    }),
    version: 1,
    side_effect: types.some((type) => type.side_effect),
    pictures: types.some(showsPictures),
    typeDefaults: new Map(
      sub.inputs.flatMap(({ name, to }) => {
        const given = innerInput(to, sub, lookup)?.typeDefault
        return given === undefined ? [] : [[name, given]]
      }),
    ),
    lane: '',
    module: '',
    aliases: [],
    experimental: false,
    deprecated: false,
  }
}

/** The first input inside that an input feeds and that is known, and the default that its node type has for it. */
function innerInput(to: SubInput['to'], sub: Sub, lookup: Lookup) {
  for (const [id, socket] of to) {
    const type = lookup(sub.nodes[id]?.type ?? '')
    const inner = type?.inputs.find((input) => input.name === socket)
    if (!inner) continue
    const typeDefault = isSubType(type) ? type.typeDefaults.get(socket) : inner.default
    return { id, inner, typeDefault, held: sub.nodes[id]?.inputs?.[socket] }
  }
  return null
}

/** As the first input inside that it feeds and that is known. Its default is the value that stands there. */
function inputOf({ name, title, to }: SubInput, sub: Sub, lookup: Lookup): InputType {
  const found = innerInput(to, sub, lookup)
  if (found) {
    const { id, inner, typeDefault, held } = found
    const isWrapped = typeof held === 'object' && held !== null && 'value' in held && !isReference(held)
    const value = isWrapped ? held.value : held
    const { generic, default: standing, ...rest } = inner
    const given = value === undefined ? standing : isReference(value) ? typeDefault : value
    return {
      ...rest,
      name,
      title: shortened(title ?? inner.title, MOST_SHOWN),
      advanced: false,
      optional: inner.optional || held !== undefined,
      ...(given !== undefined && { default: given }),
      ...(generic && { generic: inner.type === '*' ? `${id}.${generic}` : generic }),
    }
  }
  return {
    name,
    title: title ?? name,
    type: '*',
    tooltip: 'It leads nowhere yet: open the sub-workflow and draw a wire from it.',
    optional: true,
    advanced: false,
    accepts: ['*'],
  }
}
