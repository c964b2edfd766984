/** One row of a node: label and widget, or what feeds it. Which widget draws it is looked up by kind. */
import type { ComponentType } from 'react'
import { useStore } from 'zustand'
import { titleOfNode } from '../actions/wiring'
import type { InputType, Widget } from '../api/types'
import { shortened } from '../document/json'
import { isSub } from '../document/subworkflows'
import { type Body, isReference, type NodeId } from '../document/types'
import { useEditor } from '../editor/context'
import { isUpload } from '../scene/geometry'
import { ChoiceField } from './ChoiceField'
import { FileField, Picture } from './FileField'
import { NumberField } from './NumberField'
import { SeedField } from './SeedField'
import { SubworkflowField } from './SubworkflowField'
import { TextField } from './TextField'
import { ToggleField } from './ToggleField'
import { literalOf, type WidgetProps } from './value'

// Each entry takes the widget data of its own kind; the record is what ties the two together.
const WIDGETS = {
  number: NumberField,
  slider: NumberField,
  seed: SeedField,
  text: TextField,
  toggle: ToggleField,
  choice: ChoiceField,
  file: FileField,
  subworkflow: SubworkflowField,
} as unknown as Record<Widget['kind'], ComponentType<WidgetProps<Widget>>>

/** Letters that fit into the largest field, and some. */
const MOST_PLAIN = 1_000

const isLong = (input: InputType, wired: boolean) =>
  !wired && input.widget?.kind === 'text' && input.widget.multiline

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

/** The field seen from some way off: its words without the control. */
function PlainField({ id, input, wired, height }: FieldProps) {
  const editor = useEditor()
  const held = useStore(editor.doc, (state) => state.body.nodes[id]?.inputs?.[input.name])
  const value = isReference(held) ? '' : literalOf(held, input.default)
  return (
    <div className={`row row-field is-plain${isLong(input, wired) ? ' is-long' : ''}`} style={{ height }}>
      <span className="label">{input.title}</span>
      <span className="plain-value">
        {typeof value === 'object' ? '' : shortened(String(value), MOST_PLAIN)}
      </span>
      {isUpload(input) && !wired && <Picture name={String(value ?? '')} />}
    </div>
  )
}

/** The input of the open sub-workflow that a field gets its value from, where one is given. */
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
  const fieldId = `f-${id}-${input.name}`
  const long = isLong(input, wired)
  const Control = input.widget && WIDGETS[input.widget.kind]
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
          describedBy={invalid ? `problem-${id}-${input.name}` : undefined}
        />
      )}
    </div>
  )
}

/** A value of a node whose definition is not here: shown, kept, not edited. */
export function UnknownField({ id, name, height }: { id: NodeId; name: string; height: number }) {
  const editor = useEditor()
  const held = useStore(editor.doc, (state) => state.body.nodes[id]?.inputs?.[name])
  const text = shortened(
    typeof held === 'object'
      ? JSON.stringify(held, (_, part) => (typeof part === 'bigint' ? String(part) : part))
      : String(held),
    MOST_PLAIN,
  )
  return (
    <div className="row row-field" style={{ height }}>
      <span className="label">{shortened(name, MOST_PLAIN)}</span>
      <span className="fed" title={text}>
        {text}
      </span>
    </div>
  )
}
