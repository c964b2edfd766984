/** Says what a model file is, against what it looks like; the answer stays with the file. */
import { useState } from 'react'
import { overrideModel } from '../actions/models'
import type { ModelInfo, Models } from '../api/types'
import { useEditor } from '../editor/context'
import './OverrideForm.css'

const NOT_CHOSEN = new Set(['unknown', 'pickle'])

export function OverrideForm(props: { model: ModelInfo; models: Models; onDone(changed: boolean): void }) {
  const { model, models, onDone } = props
  const editor = useEditor()
  const [kind, setKind] = useState(model.override.kind ?? (NOT_CHOSEN.has(model.kind) ? '' : model.kind))
  const [family, setFamily] = useState(model.override.family ?? model.family)
  const [variant, setVariant] = useState(model.override.variant ?? model.variant)
  const [busy, setBusy] = useState(false)
  const variants = models.families.find(({ id }) => id === family)?.variants ?? {}
  const isSet = Object.keys(model.override).length > 0

  const say = async (what: { kind?: string; family?: string; variant?: string }) => {
    setBusy(true)
    const said = await overrideModel(editor, { folder: model.folder, name: model.name, ...what })
    setBusy(false)
    if (said) onDone(true)
  }
  return (
    <form
      className="override-form"
      aria-label={`What ${model.name} is`}
      onSubmit={(event) => {
        event.preventDefault()
        void say({ kind, family, variant: family ? variant : '' })
      }}
    >
      <label>
        Kind
        <select value={kind} onChange={(event) => setKind(event.target.value)}>
          <option value="">as it looks</option>
          {Object.entries(models.kinds)
            .filter(([id]) => !NOT_CHOSEN.has(id))
            .map(([id, name]) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
        </select>
      </label>
      <label>
        Family
        <select
          value={family}
          onChange={(event) => {
            setFamily(event.target.value)
            setVariant('')
          }}
        >
          <option value="">as it looks</option>
          {models.families.map(({ id, name, usable }) => (
            <option key={id} value={id}>
              {usable ? name : `${name} (not yet)`}
            </option>
          ))}
        </select>
      </label>
      {Object.keys(variants).length > 0 && (
        <label>
          Variant
          <select value={variant} onChange={(event) => setVariant(event.target.value)}>
            <option value="">plain</option>
            {Object.entries(variants).map(([id, name]) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>
        </label>
      )}
      <button type="submit" className="button is-primary" disabled={busy || !(kind || family)}>
        Keep
      </button>
      {isSet && (
        <button type="button" className="button" disabled={busy} onClick={() => void say({})}>
          Forget what I said
        </button>
      )}
      <button type="button" className="button" onClick={() => onDone(false)}>
        Cancel
      </button>
    </form>
  )
}
