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

/** The props of the small view of a field, shown beside its text at a small zoom. */
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

/** The number and the text of a number field; the number is null where the value is none. */
export function numberIn(value: Json): { held: Value | null; shown: string } {
  if (typeof value === 'number' || typeof value === 'bigint') return { held: value, shown: String(value) }
  if (value === null) return { held: null, shown: '' }
  return { held: null, shown: typeof value === 'string' ? value : JSON.stringify(value) }
}

/** Sets a field. Quick changes of one field are one step of the history. */
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
