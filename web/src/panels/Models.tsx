/** The model files: what each is, what goes with it, under which terms, or why it cannot be used. */
import { FolderPlus, Search } from 'lucide-react'
import { useEffect, useMemo, useRef, useState } from 'react'
import { fetchModels, type ModelList } from '../actions/models'
import { inWords } from '../api/http'
import type { ModelInfo, Models as Told } from '../api/types'
import { filters, found, type Wanted } from '../catalogue/models'
import { Dialog } from '../components/Dialog'
import { useEditor } from '../editor/context'
import { ModelGuide } from './ModelGuide'
import { ModelRow } from './ModelRow'
import './Models.css'

const READING_MS = 500
const RESTING_MS = 3000
/** Looking takes at most this part of the time, however many files there are. */
const SHARE = 10
/** So many are in the page at first; more come when they are asked for. */
const PAGE = 200
const NO_FILTERS: ReturnType<typeof filters> = { kinds: [], families: [] }

export function Models({ onClose }: { onClose(): void }) {
  const { models, problem, refresh } = useModels()
  const [wanted, setWanted] = useState<Wanted>({ query: '', kind: '', family: '' })
  const [guide, setGuide] = useState(false)
  const isBare = models?.models.every(({ bundled }) => bundled) ?? false
  return (
    <Dialog
      title="Models"
      wide
      onClose={onClose}
      actions={
        isBare && !isReading(models) ? undefined : (
          <div className="models-foot">
            <Reading models={models} />
            {!isBare && (
              <button type="button" className="button" aria-expanded={guide} onClick={() => setGuide(!guide)}>
                <FolderPlus size={15} aria-hidden /> Where files go
              </button>
            )}
          </div>
        )
      }
    >
      {problem && <p role="alert">{problem}</p>}
      <Filters models={models} wanted={wanted} onChange={setWanted} />
      {models && (isBare || guide) && <ModelGuide folders={models.folders} />}
      {models?.problems.map((text) => (
        <p key={text} className="models-trouble">
          {text}
        </p>
      ))}
      {models && <List models={models} wanted={wanted} onClose={onClose} refresh={refresh} />}
    </Dialog>
  )
}

const isReading = (models: Told | null) => models !== null && models.reading.read < models.reading.of

/** The list, kept up to date while it is shown: files come and go below the page. */
function useModels(): { models: Told | null; problem: string; refresh(): void } {
  const editor = useEditor()
  const [list, setList] = useState<ModelList | null>(null)
  const [problem, setProblem] = useState('')
  const [times, setTimes] = useState(0)
  const known = useRef<ModelList | null>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: `times` is the reason to look again
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>
    let ended = false
    const look = async () => {
      const began = performance.now()
      try {
        known.current = await fetchModels(editor, known.current)
        if (ended) return
        setList(known.current)
        setProblem('')
      } catch (error) {
        if (!ended) setProblem(inWords(error).message)
      }
      const least = isReading(known.current?.models ?? null) ? READING_MS : RESTING_MS
      const pause = Math.max(least, SHARE * (performance.now() - began))
      if (!ended) timer = setTimeout(() => void look(), pause)
    }
    void look()
    return () => {
      ended = true
      clearTimeout(timer)
    }
  }, [editor, times])
  return { models: list?.models ?? null, problem, refresh: () => setTimes((before) => before + 1) }
}

function Reading({ models }: { models: Told | null }) {
  const { read, of } = models?.reading ?? { read: 0, of: 0 }
  return (
    <div className="models-reading" role="status">
      {!models && 'Looking into the folders'}
      {isReading(models) && (
        <>
          <progress value={read} max={of} aria-label="Headers read" />
          Reading {of.toLocaleString('en')} new files
        </>
      )}
    </div>
  )
}

function Filters({
  models,
  wanted,
  onChange,
}: {
  models: Told | null
  wanted: Wanted
  onChange(wanted: Wanted): void
}) {
  const { kinds, families } = useMemo(() => (models ? filters(models) : NO_FILTERS), [models])
  const choice = (label: string, key: 'kind' | 'family', all: string, options: [string, string][]) => (
    <select
      aria-label={label}
      value={wanted[key]}
      onChange={(event) => onChange({ ...wanted, [key]: event.target.value })}
    >
      <option value="">{all}</option>
      {options.map(([id, name]) => (
        <option key={id} value={id}>
          {name}
        </option>
      ))}
    </select>
  )
  return (
    <div className="models-filters">
      <label className="models-search">
        <Search size={15} aria-hidden />
        <input
          data-first
          type="search"
          placeholder="Find a model: name, family, precision"
          aria-label="Find a model"
          value={wanted.query}
          onChange={(event) => onChange({ ...wanted, query: event.target.value })}
        />
      </label>
      {choice('Kind', 'kind', 'All kinds', kinds)}
      {choice('Family', 'family', 'All families', families)}
    </div>
  )
}

function List(props: { models: Told; wanted: Wanted; onClose(): void; refresh(): void }) {
  const { models, wanted, onClose, refresh } = props
  const [most, setMost] = useState(PAGE)
  const groups = useMemo(() => found(models, wanted), [models, wanted])
  const total = groups.reduce((sum, group) => sum + group.models.length, 0)
  const holds = new Map(models.folders.map((folder) => [folder.kind, folder.holds]))
  let left = most
  const shown = groups.flatMap((group) => {
    const some: ModelInfo[] = group.models.slice(0, left)
    left -= some.length
    return some.length ? [{ ...group, some }] : []
  })
  if (!total) {
    const isFiltered = wanted.query || wanted.kind || wanted.family
    return <p className="quiet">{isFiltered ? 'No model fits. Try fewer words.' : 'No models yet.'}</p>
  }
  return (
    <div className="models">
      {shown.map(({ folder, models: all, some }) => (
        <section key={folder} aria-label={folder}>
          <h3>
            {folder} <span className="models-count">{all.length.toLocaleString('en')}</span>
            <small>{holds.get(folder)}</small>
          </h3>
          <ul>
            {some.map((model) => (
              <ModelRow key={model.name} model={model} models={models} onUsed={onClose} onChanged={refresh} />
            ))}
          </ul>
        </section>
      ))}
      {total > most && (
        <button type="button" className="button" onClick={() => setMost(most + PAGE)}>
          Show more of {total.toLocaleString('en')}
        </button>
      )}
      <LeftOut models={models} />
    </div>
  )
}

function LeftOut({ models }: { models: Told }) {
  if (!models.left_out.length) return null
  return (
    <details className="models-left-out">
      <summary>Left out: {models.left_out.length.toLocaleString('en')}</summary>
      <ul>
        {models.left_out.slice(0, PAGE).map(({ folder, name, reason }) => (
          <li key={`${folder}/${name}`}>
            {folder}/{name}: {reason}
          </li>
        ))}
      </ul>
    </details>
  )
}
