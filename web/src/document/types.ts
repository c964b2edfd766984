/** The document in memory. It is the file format, but for `order`: objects do not keep the order of numeric keys. */
import type { Json } from '../api/types'

export type NodeId = string
export type Point = [number, number]
export type Mode = 'active' | 'muted' | 'bypassed'
export type SeedControl = 'fixed' | 'randomize' | 'increment' | 'decrement'

export interface Reference {
  from: [NodeId, string]
}
/** A literal as in the file, or a reference. A literal object is wrapped as `{value: ...}`. */
export type InputValue = Json | Reference

export interface DocNode {
  type: string
  title?: string
  mode?: Mode
  position?: Point
  size?: Point
  inputs?: Record<string, InputValue>
  seeds?: Record<string, SeedControl>
  /** Keys that this version does not know; they are written back as they are. */
  [unknown: string]: unknown
}

/** Nodes that are shown and edited together: those of the workflow itself, or those inside a sub-workflow. */
export interface Body {
  nodes: Record<NodeId, DocNode>
  order: NodeId[]
  /** Every other key of the file, known to this version or not: groups, notes, app, packs, models ... */
  rest: Record<string, unknown>
}

export type SubId = string
/** A socket of a node: its node and its name. */
export type SocketRef = [NodeId, string]

/** What a sub-workflow takes in. Where an instance gives no value, the value inside counts. */
export interface SubInput {
  name: string
  title?: string
  /** The inputs inside that it feeds. */
  to: SocketRef[]
  [unknown: string]: unknown
}

export interface SubOutput {
  name: string
  title?: string
  from: SocketRef
  [unknown: string]: unknown
}

/** A group of nodes that is defined once and used as a node of type `@id`. */
export interface Sub extends Body {
  title?: string
  description?: string
  inputs: SubInput[]
  outputs: SubOutput[]
}

export interface Doc extends Body {
  jacquard: 1
  title?: string
  description?: string
  subs: Record<SubId, Sub>
}

export function isReference(value: unknown): value is Reference {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const from = (value as { from?: unknown }).from
  return Array.isArray(from) && from.length === 2 && from.every((part) => typeof part === 'string')
}

export function emptyDoc(title = ''): Doc {
  return { jacquard: 1, ...(title && { title }), nodes: {}, order: [], subs: {}, rest: {} }
}
