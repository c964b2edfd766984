/** One node on screen: header, sockets, fields, pictures, and how its run goes. It reads the stores by id. */
import type { NodeProps } from '@xyflow/react'
import { memo } from 'react'
import { useStore } from 'zustand'
import { openNode } from '../actions/enter'
import { subIdOf } from '../document/subworkflows'
import type { NodeId } from '../document/types'
import { useEditor, useType } from '../editor/context'
import type { Editor } from '../editor/editor'
import { nodeRun, problemsOf } from '../run/store'
import { dye, dyeOfCategory } from '../scene/colours'
import type { OpNode } from '../scene/flowNodes'
import type { Row } from '../scene/geometry'
import { isSubType } from '../subworkflows/instanceTypes'
import { Field, UnknownField } from '../widgets/Field'
import { NodeHeader } from './NodeHeader'
import { NodeNotes } from './NodeNotes'
import { NodePicture } from './NodePicture'
import { Resizer } from './Resizer'
import { SocketHandle } from './SocketHandle'
import './NodeView.css'

function RowView({ id, row }: { id: NodeId; row: Row }) {
  const editor = useEditor()
  switch (row.kind) {
    case 'sockets':
      return (
        <div className="row row-sockets" style={{ height: row.height }}>
          <span>{row.input?.title}</span>
          <span>{row.output?.title}</span>
        </div>
      )
    case 'widget':
      return <Field id={id} input={row.input} wired={row.wired} height={row.height} />
    case 'unknown':
      return <UnknownField id={id} name={row.name} height={row.height} />
    case 'more':
      return (
        <button
          type="button"
          className="row row-more nodrag"
          style={{ height: row.height }}
          onClick={() => toggleMore(editor, id, !row.open)}
        >
          {row.open ? 'Fewer settings' : `${row.count} more setting${row.count > 1 ? 's' : ''}`}
        </button>
      )
    case 'picture':
      return <NodePicture id={id} height={row.height} />
  }
}

function toggleMore(editor: Editor, id: NodeId, open: boolean): void {
  editor.doc.commit('Show settings', (doc) => {
    const node = doc.nodes[id]
    if (!node) return
    if (open) node.expanded = true
    else delete node.expanded
  })
}

/** A double-click on the title renames a node, elsewhere it opens a sub-workflow; on other nodes the whole header renames. */
function openOrRename(editor: Editor, target: Element, id: NodeId, type: string): void {
  if (target.closest('input, button, select, textarea, label, .react-flow__handle, .nodrag')) return
  const opens = subIdOf(type) !== null && !target.closest('h3')
  if (opens ? !openNode(editor, id) : target.closest('header'))
    editor.ui.setState({ renaming: id, renamingSub: false })
}

export const NodeView = memo(
  function NodeView({ id, selected }: NodeProps<OpNode>) {
    const editor = useEditor()
    const node = useStore(editor.doc, (state) => state.body.nodes[id])
    const type = useType(node?.type)
    const known = useStore(editor.catalogue, (state) => state.loaded)
    const shape = useStore(editor.flow, (state) => state.shapes.get(id))
    const phase = useStore(editor.run, (state) => nodeRun(state, id)?.state ?? 'idle')
    const faulty = useStore(editor.run, (state) => problemsOf(state, id).length > 0)
    const renaming = useStore(editor.ui, (state) => state.renaming === id)
    if (!node || !shape) return null
    const classes = ['node', `is-${node.mode ?? 'active'}`, `run-${phase}`]
    if (selected) classes.push('is-selected')
    if (faulty) classes.push('is-faulty')
    if (!type) classes.push('is-unknown')
    if (isSubType(type)) classes.push('is-instance')
    const tint = { '--tint': dye(type ? dyeOfCategory(type.category) : 'ash') } as React.CSSProperties
    return (
      // biome-ignore lint/a11y/noStaticElementInteractions: a shortcut for the pointer; F2 and Enter do the same
      <div
        className={classes.join(' ')}
        onDoubleClick={(event) => openOrRename(editor, event.target as Element, id, node.type)}
        style={{ width: shape.width, height: shape.height, ...tint }}
        data-type={node.type}
      >
        <NodeHeader id={id} node={node} type={type} missing={!type && known} renaming={renaming} />
        <div className="rows">
          {shape.rows.map((row, at) => (
            <RowView key={row.kind === 'widget' ? row.input.name : `${row.kind}${at}`} id={id} row={row} />
          ))}
        </div>
        <NodeNotes id={id} />
        {shape.inputs.map((socket) => (
          <SocketHandle key={socket.name} node={id} socket={socket} side="input" />
        ))}
        {shape.outputs.map((socket) => (
          <SocketHandle key={socket.name} node={id} socket={socket} side="output" />
        ))}
        {shape.stretches && <Resizer id={id} width={shape.width} height={shape.height} />}
      </div>
    )
  },
  (before, after) => before.id === after.id && before.selected === after.selected,
)
