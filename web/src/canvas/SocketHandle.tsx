/** One socket: a button with its type in the accessible name. Dims while an incompatible wire is drawn. */
import { Handle, Position } from '@xyflow/react'
import type { KeyboardEvent } from 'react'
import { useStore } from 'zustand'
import { join, mayJoin, titleOfNode } from '../actions/wiring'
import { typeInWords } from '../catalogue/compatibility'
import type { NodeId } from '../document/types'
import { useEditor } from '../editor/context'
import type { Editor } from '../editor/editor'
import { dye, dyeOfType, formOfType } from '../scene/colours'
import { NEW_PORT, type Socket } from '../scene/geometry'
import type { WireEnd } from '../state/ui'
import './SocketHandle.css'

type Aim = 'rest' | 'fits' | 'refuses' | 'start'

function aimOf(editor: Editor, end: WireEnd, drawing: WireEnd | null): Aim {
  if (!drawing) return 'rest'
  if (drawing.node === end.node && drawing.socket === end.socket && drawing.side === end.side) return 'start'
  return mayJoin(editor, drawing, end).ok ? 'fits' : 'refuses'
}

/** Enter on one socket starts a wire, Enter on another ends it. */
function onKey(editor: Editor, event: KeyboardEvent, end: WireEnd): void {
  const { connecting } = editor.ui.getState()
  if (event.key === 'Escape' && connecting) {
    editor.ui.setState({ connecting: null })
    event.stopPropagation()
    return
  }
  if (event.key !== 'Enter' && event.key !== 'c') return
  event.preventDefault()
  event.stopPropagation()
  if (!connecting) {
    editor.ui.setState({ connecting: end })
    editor.ui.toast('Choose the other end', {
      detail: 'Go to a fitting socket and press Enter. Escape gives up.',
    })
  } else {
    editor.ui.setState({ connecting: null })
    if (aimOf(editor, end, connecting) !== 'start') join(editor, connecting, end)
  }
}

const flagsInWords = ({ each, lazy, collects }: Socket) =>
  `${each ? ', a stream' : ''}${lazy ? ', only when needed' : ''}${collects ? ', collects' : ''}`

const EACH = 'A stream: one after the other. What you join to it runs once for each item.'
const LAZY = 'Only when needed: what feeds it runs when this node asks for it, and else not at all.'
const COLLECTS = 'Takes several: the items of a stream are collected here into one list.'

function hintOf(socket: Socket): string {
  const { title, type, tooltip, each, lazy, collects } = socket
  if (socket.name === NEW_PORT) return 'Drag a wire between this and a socket'
  const lines = [`${title}: ${typeInWords(type)}`, tooltip, each && EACH, lazy && LAZY, collects && COLLECTS]
  return lines.filter(Boolean).join('\n')
}

export function SocketHandle({
  node,
  socket,
  side,
  label,
}: {
  node: NodeId
  socket: Socket
  side: 'input' | 'output'
  label?: string
}) {
  const editor = useEditor()
  const end: WireEnd = { node, socket: socket.name, side }
  const aim = useStore(editor.ui, (state) => aimOf(editor, end, state.connecting))
  const kind = side === 'input' ? 'Input' : 'Output'
  const flags = [socket.each && 'is-each', socket.lazy && 'is-lazy', socket.collects && 'is-collecting']
  return (
    <Handle
      id={socket.name}
      type={side === 'input' ? 'target' : 'source'}
      position={side === 'input' ? Position.Left : Position.Right}
      className={['socket', `is-${formOfType(socket.type)}`, `aim-${aim}`, ...flags]
        .filter(Boolean)
        .join(' ')}
      style={{ top: socket.y, '--dye': dye(dyeOfType(socket.type)) } as React.CSSProperties}
      role="button"
      tabIndex={0}
      aria-label={
        label ??
        `${kind} ${socket.title} of ${titleOfNode(editor, node)}, type ${socket.type}${flagsInWords(socket)}`
      }
      title={hintOf(socket)}
      onKeyDown={(event) => onKey(editor, event, end)}
    />
  )
}
