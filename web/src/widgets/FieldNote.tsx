/** A temporary note beside a field: the typed text was read as another value, or refused. */
import { useEffect, useState } from 'react'
import './FieldNote.css'

export interface Note {
  text: string
  bad: boolean
}

const STAY_MS = 8000

export function useNote(): [Note | null, (note: Note | null) => void] {
  const [note, setNote] = useState<Note | null>(null)
  useEffect(() => {
    if (!note) return
    const timer = setTimeout(() => setNote(null), STAY_MS)
    return () => clearTimeout(timer)
  }, [note])
  return [note, setNote]
}

export function FieldNote({ note }: { note: Note | null }) {
  return (
    note && (
      <div className={`field-note${note.bad ? ' is-bad' : ''}`} role="alert">
        {note.text}
      </div>
    )
  )
}
