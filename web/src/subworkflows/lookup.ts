/**
 * The type of every node of the document: those of the server, and those that its own sub-workflows define. Worked out
 * when asked for, and kept while the definitions stay as they are; one that comes out equal stays the same object.
 */
import { useStore } from 'zustand'
import type { NodeType } from '../api/types'
import { defsStore } from '../catalogue/store'
import { writeJson } from '../document/json'
import { docStore } from '../document/store'
import { type BodyInputs, subIdOf } from '../document/subworkflows'
import type { Doc, NodeId, Sub, SubId } from '../document/types'
import { typeOfSub } from './instanceTypes'

type Types = ReadonlyMap<string, NodeType>
type Subs = Doc['subs']

export function createLookup() {
  let types: Types | null = null
  let subs: Subs | null = null
  let current = new Map<SubId, NodeType>()
  let before = new Map<SubId, [text: string, type: NodeType]>()
  const under = new Set<SubId>()

  function derived(id: SubId, sub: Sub): NodeType | undefined {
    const known = current.get(id)
    if (known) return known
    if (under.has(id)) return undefined // a circle: the engine says so when it is run
    under.add(id)
    const fresh = typeOfSub(id, sub, find)
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
    if (nowTypes !== types) before = new Map()
    if (nowTypes !== types || nowSubs !== subs) current = new Map()
    types = nowTypes
    subs = nowSubs
    return find(name)
  }
}

const lookup = createLookup()

/** The type of this name, as the document and the server are now. */
export const typeFor = (name: string): NodeType | undefined =>
  lookup(defsStore.getState().types, docStore.getState().doc.subs, name)

export function useType(name: string | undefined): NodeType | undefined {
  const types = useStore(defsStore, (state) => state.types)
  return useStore(docStore, (state) => lookup(types, state.doc.subs, name ?? ''))
}

/** The type of a node of what is shown. */
export const typeOf = (id: NodeId): NodeType | undefined =>
  typeFor(docStore.getState().body.nodes[id]?.type ?? '')

/** The types of all sub-workflows of the document. */
export const subTypes = (): NodeType[] =>
  Object.keys(docStore.getState().doc.subs).flatMap((id) => typeFor(`@${id}`) ?? [])

const NONE: readonly string[] = []
const bodies = new WeakMap<NodeType, readonly string[]>()

/** The inputs of a type by which it runs a sub-workflow. */
export const bodyInputs: BodyInputs = (name) => {
  const type = defsStore.getState().types.get(name)
  if (!type) return NONE
  let found = bodies.get(type)
  if (!found) {
    found = type.inputs.filter((input) => input.widget?.kind === 'subworkflow').map((input) => input.name)
    bodies.set(type, found)
  }
  return found
}
