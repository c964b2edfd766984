/** A seed: its number, a dice, and what happens to it before each run. */
import { Dices } from 'lucide-react'
import { useState } from 'react'
import { useStore } from 'zustand'
import type { SeedWidget } from '../api/types'
import { setSeedControl } from '../doc/edits'
import { docStore } from '../doc/store'
import type { SeedControl } from '../doc/types'
import { FieldNote, useNote } from './FieldNote'
import { type Limits, taken } from './numbers'
import { drawSeed, seedLimits } from './seeds'
import { readTyped } from './typed'
import { numberIn, setValue, type WidgetProps } from './value'

/** In other programs a seed of -1 stands for another one each time. */
function isForRandom(text: string, limits: Limits): boolean {
  const typed = readTyped(text, limits)
  return typed !== null && 'value' in typed && typed.value < 0 && limits.min >= 0
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
  const control = useStore(docStore, (state) => state.body.nodes[id]?.seeds?.[input.name] ?? 'fixed')
  const limits = seedLimits(widget)
  const { held, shown } = numberIn(value)
  const [draft, setDraft] = useState<string | null>(null)
  const [note, say] = useNote()
  const finish = () => {
    const typed = draft === null ? null : taken(draft, limits)
    setDraft(null)
    say(null)
    if (!typed) return
    if ('wrong' in typed) return say({ text: `${typed.wrong} ${shown || 'Nothing'} stays.`, bad: true })
    if (isForRandom(draft ?? '', limits))
      return say({ text: 'A seed is 0 or more. For another one before each run choose “random”.', bad: true })
    if (typed.value !== held) setValue(id, input, typed.value)
    if (typed.note) say({ text: typed.note, bad: false })
  }
  return (
    <>
      <div className="control seed nodrag">
        <input
          id={fieldId}
          inputMode="numeric"
          autoComplete="off"
          value={draft ?? shown}
          title={shown}
          aria-invalid={invalid || (held === null && shown !== '')}
          aria-describedby={describedBy}
          onChange={(event) => setDraft(event.target.value)}
          onBlur={finish}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && !event.ctrlKey && !event.metaKey) event.currentTarget.blur()
            if (event.key === 'Escape') setDraft(null)
          }}
        />
        <button
          type="button"
          aria-label={`Draw another ${input.title}`}
          title="Draw another seed now"
          onClick={() => setValue(id, input, drawSeed())}
        >
          <Dices size={14} />
        </button>
        <select
          aria-label={`${input.title} before each run`}
          title="Before each run: draw another seed, keep this one, or count"
          value={control}
          onChange={(event) => {
            const next = event.target.value as SeedControl
            docStore.commit('Set seed control', (doc) => setSeedControl(doc, id, input.name, next))
          }}
        >
          {CONTROLS.map(([name, words]) => (
            <option key={name} value={name}>
              {words}
            </option>
          ))}
        </select>
      </div>
      <FieldNote note={note} />
    </>
  )
}
