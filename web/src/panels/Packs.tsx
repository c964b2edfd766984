/** The node packs: which failed to load and why, and a button that loads them again. */
import { RotateCw, TriangleAlert } from 'lucide-react'
import { useState } from 'react'
import { useStore } from 'zustand'
import { inWords } from '../api/http'
import type { PackInfo } from '../api/types'
import { placeOf, troubled } from '../catalogue/packs'
import { Dialog } from '../components/Dialog'
import { sentence } from '../components/format'
import { useEditor } from '../editor/context'
import type { Editor } from '../editor/editor'
import './Packs.css'

async function loadAgain(editor: Editor): Promise<void> {
  try {
    await editor.http.post('/packs/load')
    editor.ui.toast('The packs are loaded again as soon as nothing runs.')
  } catch (error) {
    const { message, remedy } = inWords(error)
    editor.ui.toast(message, { detail: remedy, tone: 'bad' })
  }
}

export function Packs({ onClose }: { onClose(): void }) {
  const editor = useEditor()
  const packs = useStore(editor.catalogue, (state) => state.packs)
  const busy = useStore(editor.run, (state) => state.worker?.state === 'starting')
  const doing = useStore(editor.run, (state) => state.worker?.message ?? '')
  const wrong = troubled(packs)
  const well = packs.filter((pack) => !wrong.includes(pack))
  return (
    <Dialog
      title="Node packs"
      wide
      onClose={onClose}
      actions={
        <>
          <span className="packs-state" role="status">
            {busy ? doing : ''}
          </span>
          <button
            type="button"
            className="button is-primary"
            disabled={busy}
            onClick={() => void loadAgain(editor)}
          >
            <RotateCw size={14} aria-hidden /> Load the packs again
          </button>
        </>
      }
    >
      {wrong.length > 0 && (
        <p className="packs-lead">
          All other nodes work. Mend a pack in its folder, then load the packs again.
        </p>
      )}
      <ul className="packs" aria-label="Packs to look at">
        {wrong.map((pack) => (
          <Wrong key={pack.name} pack={pack} />
        ))}
      </ul>
      {well.length > 0 && (
        <ul className="packs is-well" aria-label="Packs that are well">
          {well.map((pack) => (
            <li key={pack.name}>
              <strong>{pack.name}</strong>
              <span>
                {pack.node_ids.length} {pack.node_ids.length === 1 ? 'node' : 'nodes'}
              </span>
            </li>
          ))}
        </ul>
      )}
      {!packs.length && (
        <p className="packs-lead">There are no packs. They go into the folder custom_nodes.</p>
      )}
    </Dialog>
  )
}

function Wrong({ pack }: { pack: PackInfo }) {
  const [open, setOpen] = useState(false)
  const place = placeOf(pack)
  return (
    <li>
      <TriangleAlert size={16} aria-hidden />
      <div>
        <strong>{pack.name}</strong>
        {pack.error && (
          <p>
            Left out{place && ' at '}
            {place && <code>{place}</code>}
            <span className="packs-cause">{sentence(pack.error)}</span>
          </p>
        )}
        {pack.missing.length > 0 && (
          <p className="packs-quiet">Nodes that are missing: {pack.missing.join(', ')}.</p>
        )}
        {pack.refused.map((why) => (
          <p key={why}>One node was left out: {why}.</p>
        ))}
        {pack.changed.length > 0 && (
          <p className="packs-quiet">
            It changed the program around it, which was put back: {pack.changed.join(', ')}.
          </p>
        )}
        {pack.details && (
          <button type="button" className="link-button" aria-expanded={open} onClick={() => setOpen(!open)}>
            {open ? 'Hide the details' : 'Details'}
          </button>
        )}
        {open && <pre>{pack.details}</pre>}
      </div>
    </li>
  )
}
