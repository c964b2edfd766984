/** The node type that a sub-workflow is for those who use it: inputs and outputs as the nodes that they lead to have them. */
import type { InputType, NodeType, OutputType } from '../api/types'
import type { Converts } from '../catalogue/conversions'
import { MOST_SHOWN, shortened } from '../document/json'
import { subTitle, typeOfSubId } from '../document/subworkflows'
import { isReference, type Sub, type SubId, type SubInput } from '../document/types'
import { carrierOf, type Lookup } from './typeInference'

export const CATEGORY = 'Sub-workflows'

export interface SubType extends NodeType {
  /** Whether a node inside shows pictures, which then stand on the instance. */
  pictures: boolean
}

export const isSubType = (type: NodeType | undefined): type is SubType =>
  type !== undefined && 'pictures' in type

/** A node that makes something to look at: it shows its pictures. */
export function showsPictures(type: NodeType): boolean {
  if (isSubType(type)) return type.pictures
  return type.side_effect && type.inputs.some((input) => input.type.split(',').includes('IMAGE'))
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
    lane: '',
    module: '',
    aliases: [],
    experimental: false,
    deprecated: false,
  }
}

/** As the first input inside that it feeds and that is known. Its default is the value that stands there. */
function inputOf({ name, title, to }: SubInput, sub: Sub, lookup: Lookup): InputType {
  for (const [id, socket] of to) {
    const node = sub.nodes[id]
    const inner = lookup(node?.type ?? '')?.inputs.find((input) => input.name === socket)
    if (!inner) continue
    const held = node?.inputs?.[socket]
    const inside = held === undefined || isReference(held) ? undefined : held
    const value =
      typeof inside === 'object' && inside !== null && !Array.isArray(inside) && 'value' in inside
        ? inside.value
        : inside
    const { generic, default: given, ...rest } = inner
    return {
      ...rest,
      name,
      title: shortened(title ?? inner.title, MOST_SHOWN),
      advanced: false,
      optional: inner.optional || held !== undefined,
      ...(value !== undefined ? { default: value } : given !== undefined ? { default: given } : {}),
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
