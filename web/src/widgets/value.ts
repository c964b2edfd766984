/** Reading and setting the value of one field. */
import type { InputType, Json } from '../api/types'
import { literal, setInput } from '../document/edits'
import { type InputValue, isReference, type NodeId } from '../document/types'
import type { Editor } from '../editor/editor'
import type { Value } from './typed'

export interface WidgetProps<W> {
  id: NodeId
  input: InputType
  widget: W
  /** The literal of the document, or the default. */
  value: Json
  /** For the label of the field and its errors. */
  fieldId: string
  invalid: boolean
  describedBy: string | undefined
}

/** What is left of a field that is seen from some way off, beside its words. */
export interface PlainProps<W> {
  widget: W
  value: Json
}

/** The literal behind an input: unwrapped, or the default when the document has none. */
export function literalOf(value: InputValue | undefined, fallback: Json | undefined): Json {
  if (value === undefined || isReference(value)) return fallback ?? null
  if (typeof value === 'object' && value !== null && !Array.isArray(value) && 'value' in value)
    return value.value as Json
  return value as Json
}

/** What a field for numbers holds, and shows: also where it is no number, or nothing at all. */
export function numberIn(value: Json): { held: Value | null; shown: string } {
  if (typeof value === 'number' || typeof value === 'bigint') return { held: value, shown: String(value) }
  if (value === null) return { held: null, shown: '' }
  return { held: null, shown: typeof value === 'string' ? value : JSON.stringify(value) }
}

/** Set a field. Quick changes of one field are one step of the history. */
export function setValue(
  editor: Editor,
  id: NodeId,
  input: Pick<InputType, 'name' | 'title'>,
  value: Json,
): void {
  editor.doc.commit(`Set ${input.title}`, (doc) => setInput(doc, id, input.name, literal(value)), {
    merge: `set:${id}.${input.name}`,
  })
}
