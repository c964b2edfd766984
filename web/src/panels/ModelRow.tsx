/** One model file: what it is, what goes with it, its licence or what is wrong with it, and what can be done. */
import { Check, ExternalLink, Plus, TriangleAlert } from 'lucide-react'
import { useState } from 'react'
import { placeFor, putModel } from '../actions/models'
import type { ModelInfo, ModelNeed, Models } from '../api/types'
import { mayBeCorrected, nameParts, roleInWords, sizeInWords, whatIs } from '../catalogue/models'
import { shortened } from '../document/json'
import { useEditor } from '../editor/context'
import { OverrideForm } from './OverrideForm'
import './ModelRow.css'

const MOST_LETTERS = 200

export function ModelRow(props: { model: ModelInfo; models: Models; onUsed(): void; onChanged(): void }) {
  const { model, models, onUsed, onChanged } = props
  const [correcting, setCorrecting] = useState(false)
  const [folder, name] = nameParts(shortened(model.name, MOST_LETTERS))
  const isSet = Object.keys(model.override).length > 0
  return (
    <li className={`model-row${model.problem ? ' is-unusable' : ''}`}>
      <div className="model-head">
        <span className="model-name" title={model.name}>
          {folder && <span>{folder}</span>}
          <b>{name}</b>
        </span>
        <span className="model-badges">
          {model.bundled && <i>comes with Jacquard</i>}
          <i className={model.kind && 'is-what'}>{whatIs(model, models.kinds)}</i>
          {model.precision && <i>{model.precision}</i>}
          <i className="is-size">{sizeInWords(model.bytes)}</i>
        </span>
        <span className="model-actions">
          <Use model={model} onUsed={onUsed} />
          {mayBeCorrected(model) && (
            <button
              type="button"
              className="link-button is-quiet"
              aria-expanded={correcting}
              aria-label={`Say what ${model.name} is`}
              title="Say what this file is, if that is wrong"
              onClick={() => setCorrecting(!correcting)}
            >
              {isSet ? 'As you said' : 'Wrong?'}
            </button>
          )}
        </span>
      </div>
      <Notes model={model} models={models} />
      {correcting && (
        <OverrideForm
          model={model}
          models={models}
          onDone={(changed) => {
            setCorrecting(false)
            if (changed) onChanged()
          }}
        />
      )}
    </li>
  )
}

function Use({ model, onUsed }: { model: ModelInfo; onUsed(): void }) {
  const editor = useEditor()
  const place = placeFor(editor, model)
  if (!place) return null
  const title =
    place.node === undefined
      ? `Add a node: ${place.type.title}`
      : `Choose it in the selected ${place.type.title}`
  return (
    <button
      type="button"
      className="link-button"
      title={title}
      aria-label={`Use ${model.name}`}
      onClick={() => {
        putModel(editor, model)
        onUsed()
      }}
    >
      {place.node === undefined ? <Plus size={14} aria-hidden /> : <Check size={14} aria-hidden />} Use
    </button>
  )
}

function Notes({ model, models }: { model: ModelInfo; models: Models }) {
  const { problem, remedy, belongs, needs, licence } = model
  return (
    <>
      {problem && (
        <p className="model-problem">
          <TriangleAlert size={14} aria-hidden />
          <span>
            {problem} {remedy}
          </span>
        </p>
      )}
      {belongs && !problem && (
        <p className="model-problem">
          <TriangleAlert size={14} aria-hidden />
          <span>
            Nodes look for this kind of file ({models.kinds[model.kind]}) in models/{belongs}: move it there.
          </span>
        </p>
      )}
      {((needs.length > 0 && !problem) || licence) && (
        <p className="model-notes">
          {!problem && needs.map((need) => <Need key={need.role} need={need} />)}
          {licence && <Licence name={licence.name} source={licence.source} limits={licence.limits} />}
        </p>
      )}
    </>
  )
}

function Need({ need: { role, names, there } }: { need: ModelNeed }) {
  const title = roleInWords(role)
  if (there.length)
    return (
      <span className="model-need is-there" title={there.join('\n')}>
        <Check size={13} aria-hidden /> {title} is there
      </span>
    )
  return (
    <span className="model-need is-missing">
      <TriangleAlert size={13} aria-hidden /> {title} is missing{names[0] && `, such as ${names[0]}`}
    </span>
  )
}

/** The page that says so opens beside this one; a card in the model's own folder has no address. */
function Licence({ name, source, limits }: { name: string; source: string; limits: string }) {
  return (
    <span className="model-licence">
      {source.startsWith('https://') ? (
        <a href={source} target="_blank" rel="noreferrer">
          {name}
          <ExternalLink size={12} aria-hidden />
        </a>
      ) : (
        <span title={`As its ${source} says`}>{name}</span>
      )}
      {limits && `: ${limits}`}
    </span>
  )
}
