/** A seed: its number, a dice, and what happens to it before each run. */
import { Dices } from 'lucide-react'
import { useState } from 'react'
import { useStore } from 'zustand'
import type { SeedWidget } from '../api/types'
import { setSeedControl } from '../doc/edits'
import { docStore } from '../doc/store'
import type { SeedControl } from '../doc/types'
import { drawSeed, readSeed } from './seeds'
import { setValue, type WidgetProps } from './value'

const CONTROLS: [SeedControl, string][] = [
  ['randomize', 'random'],
  ['fixed', 'keep'],
  ['increment', '+ 1'],
  ['decrement', '− 1'],
]

export function SeedField({ id, input, value, fieldId, invalid, describedBy }: WidgetProps<SeedWidget>) {
  const control = useStore(docStore, (state) => state.body.nodes[id]?.seeds?.[input.name] ?? 'fixed')
  const [draft, setDraft] = useState<string | null>(null)
  const finish = () => {
    const typed = draft === null ? null : readSeed(draft)
    setDraft(null)
    if (typed !== null && typed !== value) setValue(id, input, typed)
  }
  return (
    <div className="control seed nodrag">
      <input
        id={fieldId}
        inputMode="numeric"
        autoComplete="off"
        value={draft ?? String(value ?? 0)}
        title={String(value ?? 0)}
        aria-invalid={invalid}
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
  )
}
