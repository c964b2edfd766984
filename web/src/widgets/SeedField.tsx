/** A seed: its number, a dice, and the change before each run (fixed, random, up, down). */
import { Dices } from 'lucide-react'
import { useStore } from 'zustand'
import type { SeedWidget } from '../api/types'
import { setSeedControl } from '../document/edits'
import type { SeedControl } from '../document/types'
import { useEditor } from '../editor/context'
import { FieldNote } from './FieldNote'
import type { Limits } from './numbers'
import { drawSeed, seedLimits } from './seeds'
import { readTyped, type Value } from './typed'
import { useTyped } from './useTyped'
import { numberIn, setValue, type WidgetProps } from './value'
import './fields.css'
import './SeedField.css'

/** In other programs a seed of -1 means a new random seed for each run. */
function explainNegative(text: string, limits: Limits): string | undefined {
  const typed = readTyped(text, limits)
  const isForRandom = typed !== null && 'value' in typed && typed.value < 0 && limits.min >= 0
  return isForRandom ? 'A seed is 0 or more. For another one before each run choose “random”.' : undefined
}

const CONTROLS: [SeedControl, string][] = [
  ['randomize', 'random'],
  ['fixed', 'keep'],
  ['increment', '+ 1'],
  ['decrement', '− 1'],
]

export function SeedField({
  id,
  input,
  widget,
  value,
  fieldId,
  invalid,
  describedBy,
}: WidgetProps<SeedWidget>) {
  const editor = useEditor()
  const control = useStore(editor.doc, (state) => state.body.nodes[id]?.seeds?.[input.name] ?? 'fixed')
  const limits = seedLimits(widget)
  const now = numberIn(value)
  const set = (seed: Value) => setValue(editor, id, input, seed)
  const typed = useTyped({ now, limits, set, refuse: (text) => explainNegative(text, limits) })
  return (
    <>
      <div className="control seed nodrag">
        <input
          id={fieldId}
          inputMode="numeric"
          autoComplete="off"
          {...typed.field}
          title={now.shown}
          aria-invalid={invalid || typed.field['aria-invalid']}
          aria-describedby={describedBy}
          onKeyDown={typed.onKeyDown}
        />
        <button
          type="button"
          aria-label={`Draw another ${input.title}`}
          title="Draw another seed now"
          onClick={() => {
            typed.giveUp()
            set(drawSeed())
          }}
        >
          <Dices size={14} />
        </button>
        <select
          aria-label={`${input.title} before each run`}
          title="Before each run: draw another seed, keep this one, or count"
          value={control}
          onChange={(event) => {
            const next = event.target.value as SeedControl
            editor.doc.commit('Set seed control', (doc) => setSeedControl(doc, id, input.name, next))
          }}
        >
          {CONTROLS.map(([name, words]) => (
            <option key={name} value={name}>
              {words}
            </option>
          ))}
        </select>
      </div>
      <FieldNote note={typed.note} />
    </>
  )
}
