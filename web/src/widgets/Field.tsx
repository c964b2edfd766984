/** One row of a node: label and control, or the node that feeds it. `registry.ts` names the control. */
import { useStore } from 'zustand'
import { titleOfNode } from '../actions/wiring'
import type { InputType } from '../api/types'
import { shortened } from '../document/json'
import { isSub } from '../document/subworkflows'
import { type Body, isReference, type NodeId } from '../document/types'
import { useEditor } from '../editor/context'
import { fieldSize, rowOf } from './registry'
import { literalOf } from './value'
import './fields.css'

/** More letters than the largest field shows. */
const MAX_PLAIN_LETTERS = 1_000

const isLong = ({ widget }: InputType, wired: boolean) =>
  !wired && widget !== undefined && fieldSize(widget).stretches

interface FieldProps {
  id: NodeId
  input: InputType
  wired: boolean
  height: number
}

export function Field(props: FieldProps) {
  const editor = useEditor()
  const plain = useStore(editor.ui, (state) => state.plain)
  return plain ? <PlainField {...props} /> : <LiveField {...props} />
}

/** The field at a small zoom: text without the control. */
function PlainField({ id, input, wired, height }: FieldProps) {
  const editor = useEditor()
  const held = useStore(editor.doc, (state) => state.body.nodes[id]?.inputs?.[input.name])
  const value = isReference(held) ? '' : literalOf(held, input.default)
  const Plain = wired || !input.widget ? undefined : rowOf(input.widget)?.Plain
  return (
    <div className={`row row-field is-plain${isLong(input, wired) ? ' is-long' : ''}`} style={{ height }}>
      <span className="label">{input.title}</span>
      <span className="plain-value">
        {typeof value === 'object' ? '' : shortened(String(value), MAX_PLAIN_LETTERS)}
      </span>
      {Plain && input.widget && <Plain widget={input.widget} value={value} />}
    </div>
  )
}

/** The title of the input of the open sub-workflow that may feed this field, if there is one. */
function portOf(body: Body, id: NodeId, input: string): string | null {
  if (!isSub(body)) return null
  const port = body.inputs.find(({ to }) => to.some(([node, socket]) => node === id && socket === input))
  return port ? (port.title ?? port.name) : null
}

function LiveField({ id, input, wired, height }: FieldProps) {
  const editor = useEditor()
  const held = useStore(editor.doc, (state) => state.body.nodes[id]?.inputs?.[input.name])
  const invalid = useStore(editor.run, (state) =>
    Boolean(state.problems[state.scope + id]?.some((p) => p.socket === input.name)),
  )
  const port = useStore(editor.doc, (state) => portOf(state.body, id, input.name))
  const fieldId = `${editor.prefix}-f-${id}-${input.name}`
  const long = isLong(input, wired)
  const Control = input.widget && rowOf(input.widget)?.Control
  return (
    <div
      className={`row row-field${invalid ? ' is-invalid' : ''}${long ? ' is-long' : ''} kind-${input.widget?.kind}`}
      style={{ height }}
      data-input={input.name}
    >
      <label
        htmlFor={fieldId}
        title={
          port === null
            ? `${input.tooltip}${input.tooltip ? '\n' : ''}(${input.name})`
            : `Used where nothing else is given for the input “${port}”.`
        }
      >
        {input.title}
        {port !== null && <em> by default</em>}
      </label>
      {wired || !Control || !input.widget ? (
        <span className="fed" id={fieldId}>
          {isReference(held) ? `from ${titleOfNode(editor, held.from[0])}` : ''}
        </span>
      ) : (
        <Control
          id={id}
          input={input}
          widget={input.widget}
          value={literalOf(held, input.default)}
          fieldId={fieldId}
          invalid={invalid}
          describedBy={invalid ? `${editor.prefix}-problem-${id}-${input.name}` : undefined}
        />
      )}
    </div>
  )
}

/** A value of a node of an unknown type: shown and kept, not editable. */
export function UnknownField({ id, name, height }: { id: NodeId; name: string; height: number }) {
  const editor = useEditor()
  const held = useStore(editor.doc, (state) => state.body.nodes[id]?.inputs?.[name])
  const text = shortened(
    typeof held === 'object'
      ? JSON.stringify(held, (_, part) => (typeof part === 'bigint' ? String(part) : part))
      : String(held),
    MAX_PLAIN_LETTERS,
  )
  return (
    <div className="row row-field" style={{ height }}>
      <span className="label">{shortened(name, MAX_PLAIN_LETTERS)}</span>
      <span className="fed" title={text}>
        {text}
      </span>
    </div>
  )
}
