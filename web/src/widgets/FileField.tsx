/** A file in one of the server's folders. For pictures also an upload button, paste, drop, and a thumbnail. */
import { ImageUp, Loader } from 'lucide-react'
import { useEffect, useMemo, useRef, useState } from 'react'
import { useStore } from 'zustand'
import { takesPictures, uploadInto } from '../actions/upload'
import { pathOf } from '../api/http'
import type { FileWidget, Json, LeftOut } from '../api/types'
import { wantChoices } from '../catalogue/load'
import { choicesKey } from '../catalogue/store'
import { sentence } from '../components/format'
import { useEditor } from '../editor/context'
import { useFresh } from '../editor/useFresh'
import { Select } from './ChoiceField'
import { type PlainProps, setValue, type WidgetProps } from './value'
import './fields.css'
import './FileField.css'

const NONE: readonly string[] = []
const NOTHING: readonly LeftOut[] = []

export function FileField({
  id,
  input,
  widget,
  value,
  fieldId,
  invalid,
  describedBy,
}: WidgetProps<FileWidget>) {
  const editor = useEditor()
  const key = choicesKey(widget)
  const files = useStore(editor.catalogue, (state) => state.choices[key] ?? NONE)
  const names = useMemo(() => (widget.none ? [widget.none, ...files] : files), [files, widget.none])
  const leftOut = useStore(editor.catalogue, (state) => state.leftOut[key] ?? NOTHING)
  useEffect(() => wantChoices(editor, widget), [editor, widget])
  const select = (
    <Select
      fieldId={fieldId}
      value={spelledAs(value, names)}
      options={names.length ? names : typeof value === 'string' && value ? [value] : NONE}
      invalid={invalid}
      describedBy={describedBy}
      leftOut={leftOut}
      empty={names.length ? 'choose a file' : 'no files here yet'}
      onChange={(next) => setValue(editor, id, input, next)}
    />
  )
  if (!takesPictures(widget)) return select
  return (
    <>
      <div className="file-line">
        {select}
        <UploadButton id={id} input={input.name} title={input.title} />
      </div>
      <Picture name={typeof value === 'string' ? value : ''} />
    </>
  )
}

/** The spelling of a name in the list: accents have two Unicode forms, and the server accepts both. */
function spelledAs(value: Json, names: readonly string[]): Json {
  if (typeof value !== 'string' || names.includes(value)) return value
  return names.find((name) => name.normalize() === value.normalize()) ?? value
}

function UploadButton({ id, input, title }: { id: string; input: string; title: string }) {
  const editor = useEditor()
  const [busy, setBusy] = useState(false)
  const chooser = useRef<HTMLInputElement>(null)
  const upload = async (file: File | undefined) => {
    if (!file) return
    setBusy(true)
    await uploadInto(editor, id, input, file)
    setBusy(false)
  }
  return (
    <>
      <button
        type="button"
        className="icon-button nodrag"
        disabled={busy}
        aria-label={`Upload a file for ${title}`}
        title="Upload a picture from this computer"
        onClick={() => chooser.current?.click()}
      >
        {busy ? <Loader size={15} className="is-turning" /> : <ImageUp size={15} />}
      </button>
      <input
        ref={chooser}
        type="file"
        accept="image/*"
        hidden
        tabIndex={-1}
        onChange={(event) => void upload(event.target.files?.[0])}
      />
    </>
  )
}

/** At a small zoom, the field shows only the picture of the file. */
export function PlainFile({ widget, value }: PlainProps<FileWidget>) {
  return takesPictures(widget) && <Picture name={String(value ?? '')} />
}

function Picture({ name }: { name: string }) {
  const [, folder] = /^.* \[(input|output|temp)\]$/s.exec(name) ?? [null, 'input']
  const file = name.replace(/ \[(input|output|temp)\]$/, '')
  const { source, problem } = useFresh(file && `/thumbnails/${folder}/${pathOf(file)}?size=256`)
  return (
    <div className="file-picture">
      {source && <img src={source} alt={file} draggable={false} />}
      {problem && <span role="alert">{sentence(problem)}</span>}
      {!file && <span>Upload, paste or drop a picture here</span>}
    </div>
  )
}
