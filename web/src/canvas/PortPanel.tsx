/** The inputs or outputs of the open sub-workflow: renames, orders and removes them; a wire adds one. */
import type { NodeProps } from '@xyflow/react'
import { ArrowDown, ArrowUp, LogIn, LogOut, X } from 'lucide-react'
import { memo, useState } from 'react'
import { useStore } from 'zustand'
import { movePort, nameOfPort, removePort } from '../actions/subworkflows'
import { useEditor } from '../editor/context'
import { INPUTS, type OpNode } from '../scene/flowNodes'
import { NEW_PORT, type Socket } from '../scene/geometry'
import { SocketHandle } from './SocketHandle'
import './PortPanel.css'

type Side = 'inputs' | 'outputs'

export const PortPanel = memo(
  function PortPanel({ id }: NodeProps<OpNode>) {
    const editor = useEditor()
    const shape = useStore(editor.flow, (state) => state.shapes.get(id))
    if (!shape) return null
    const side: Side = id === INPUTS ? 'inputs' : 'outputs'
    const sockets = side === 'inputs' ? shape.outputs : shape.inputs
    const rows = sockets.filter((socket) => socket.name !== NEW_PORT)
    const one = side === 'inputs' ? 'input' : 'output'
    return (
      <div className={`ports is-${side}`} style={{ width: shape.width, height: shape.height }}>
        <header>
          {side === 'inputs' ? (
            <LogIn size={15} aria-hidden="true" />
          ) : (
            <LogOut size={15} aria-hidden="true" />
          )}
          <h3>{side === 'inputs' ? 'Inputs' : 'Outputs'}</h3>
          <p>{side === 'inputs' ? 'what it is given' : 'what it gives back'}</p>
        </header>
        <ul>
          {rows.map((socket, at) => (
            <PortRow
              key={socket.name}
              side={side}
              socket={socket}
              first={at === 0}
              last={at === rows.length - 1}
            />
          ))}
        </ul>
        <p className="port-new">
          {side === 'inputs' ? 'Drag a wire from here to a socket' : 'Drag a wire from a socket to here'}
          {!rows.length && <span>There is no {one} yet.</span>}
        </p>
        {sockets.map((socket) => (
          <SocketHandle
            key={socket.name}
            node={id}
            socket={socket}
            side={side === 'inputs' ? 'output' : 'input'}
            label={
              socket.name === NEW_PORT
                ? `New ${one} of this sub-workflow`
                : `${one === 'input' ? 'Input' : 'Output'} ${socket.title} of this sub-workflow, type ${socket.type}`
            }
          />
        ))}
      </div>
    )
  },
  (before, after) => before.id === after.id,
)

function PortRow({
  side,
  socket,
  first,
  last,
}: {
  side: Side
  socket: Socket
  first: boolean
  last: boolean
}) {
  const editor = useEditor()
  const { name, title } = socket
  return (
    <li className="port-row">
      <PortTitle key={title} side={side} name={name} title={title} />
      <button
        type="button"
        className="nodrag"
        aria-label={`Move ${title} up`}
        title="Move up"
        disabled={first}
        onClick={() => movePort(editor, side, name, -1)}
      >
        <ArrowUp size={14} />
      </button>
      <button
        type="button"
        className="nodrag"
        aria-label={`Move ${title} down`}
        title="Move down"
        disabled={last}
        onClick={() => movePort(editor, side, name, 1)}
      >
        <ArrowDown size={14} />
      </button>
      <button
        type="button"
        className="nodrag"
        aria-label={`Remove ${title}`}
        title="Remove, here and wherever it is used"
        onClick={() => removePort(editor, side, name)}
      >
        <X size={14} />
      </button>
    </li>
  )
}

function PortTitle({ side, name, title }: { side: Side; name: string; title: string }) {
  const editor = useEditor()
  const [text, setText] = useState(title)
  const keep = () => {
    if (text.trim() !== title) nameOfPort(editor, side, name, text)
    if (!text.trim()) setText(title)
  }
  return (
    <input
      className="nodrag"
      aria-label={`Name of the ${side === 'inputs' ? 'input' : 'output'} ${name}`}
      title={`Called ${name} in the file`}
      value={text}
      onChange={(event) => setText(event.target.value)}
      onBlur={keep}
      onKeyDown={(event) => {
        event.stopPropagation()
        if (event.key === 'Enter') event.currentTarget.blur()
        if (event.key === 'Escape') setText(title)
      }}
    />
  )
}
