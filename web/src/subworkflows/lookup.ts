/**
 * The type of every node of the document: those of the server, and those that its own sub-workflows define. Worked out
 * when asked for, and kept while the definitions stay as they are; one that comes out equal stays the same object.
 */
import type { NodeType } from '../api/types'
import { type Converts, conversionsOf } from '../catalogue/conversions'
import type { CatalogueStore } from '../catalogue/store'
import { writeJson } from '../document/json'
import type { DocStore } from '../document/store'
import { type BodyInputs, subIdOf } from '../document/subworkflows'
import type { Doc, NodeId, Sub, SubId } from '../document/types'
import { typeOfSub } from './instanceTypes'

type Types = ReadonlyMap<string, NodeType>
type Subs = Doc['subs']

const NONE: readonly string[] = []

export function createLookup() {
  let types: Types | null = null
  let converts: Converts = () => []
  let subs: Subs | null = null
  let current = new Map<SubId, NodeType>()
  let before = new Map<SubId, [text: string, type: NodeType]>()
  const under = new Set<SubId>()

  function derived(id: SubId, sub: Sub): NodeType | undefined {
    const known = current.get(id)
    if (known) return known
    if (under.has(id)) return undefined // a circle: the engine says so when it is run
    under.add(id)
    const fresh = typeOfSub(id, sub, find, converts)
    under.delete(id)
    const text = writeJson(fresh)
    const old = before.get(id)
    const type = old?.[0] === text ? old[1] : fresh
    before.set(id, [text, type])
    current.set(id, type)
    return type
  }

  function find(name: string): NodeType | undefined {
    const id = subIdOf(name)
    const sub = id === null ? undefined : subs?.[id]
    return id !== null && sub ? derived(id, sub) : types?.get(name)
  }

  return (nowTypes: Types, nowSubs: Subs, name: string): NodeType | undefined => {
    if (nowTypes !== types) {
      before = new Map()
      converts = conversionsOf(nowTypes.values())
    }
    if (nowTypes !== types || nowSubs !== subs) current = new Map()
    types = nowTypes
    subs = nowSubs
    return find(name)
  }
}

/** The types of what is shown, as the document and the server are now. */
export function createTypes(doc: DocStore, catalogue: CatalogueStore) {
  const lookup = createLookup()
  const bodies = new WeakMap<NodeType, readonly string[]>()
  const conversions = new WeakMap<Types, Converts>()

  /** The types that inputs of a type convert. */
  const converts: Converts = (name) => {
    const { types } = catalogue.getState()
    const known = conversions.get(types) ?? conversionsOf(types.values())
    conversions.set(types, known)
    return known(name)
  }

  /** The type of this name. */
  const typeFor = (name: string): NodeType | undefined =>
    lookup(catalogue.getState().types, doc.getState().doc.subs, name)

  /** The inputs of a type by which it runs a sub-workflow. */
  const bodyInputs: BodyInputs = (name) => {
    const type = catalogue.getState().types.get(name)
    if (!type) return NONE
    let found = bodies.get(type)
    if (!found) {
      found = type.inputs.filter((input) => input.widget?.kind === 'subworkflow').map((input) => input.name)
      bodies.set(type, found)
    }
    return found
  }

  return {
    lookup,
    typeFor,
    converts,
    bodyInputs,
    /** The type of a node of what is shown. */
    typeOf: (id: NodeId): NodeType | undefined => typeFor(doc.getState().body.nodes[id]?.type ?? ''),
    /** The types of all sub-workflows of the document. */
    subTypes: (): NodeType[] => Object.keys(doc.getState().doc.subs).flatMap((id) => typeFor(`@${id}`) ?? []),
  }
}

export type NodeTypes = ReturnType<typeof createTypes>
