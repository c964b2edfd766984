/** One wire in the colour of its type. It is animated while its target runs. */
import type { EdgeProps } from '@xyflow/react'
import { memo } from 'react'
import { useStore } from 'zustand'
import { useEditor } from '../editor/context'
import { nodeRun } from '../run/store'
import { dye, dyeOfType } from '../scene/colours'
import type { WireEdge } from '../scene/flowEdges'
import { wireCurve } from '../scene/geometry'
import './Wire.css'

const STREAM: Record<string, string> = {
  each: 'A stream: one item after the other. The node at its end runs once for each.',
  collects: 'A stream: its items are collected into one list at its end.',
}

export const Wire = memo(function Wire(props: EdgeProps<WireEdge>) {
  const editor = useEditor()
  const { sourceX, sourceY, targetX, targetY, selected, data, target } = props
  const live = useStore(editor.run, (state) => nodeRun(state, target)?.state === 'running')
  const [sx, sy, ax, ay, bx, by, tx, ty] = wireCurve([sourceX, sourceY], [targetX, targetY])
  const path = `M${sx} ${sy}C${ax} ${ay} ${bx} ${by} ${tx} ${ty}`
  return (
    <>
      <path
        d={path}
        className={`wire${selected ? ' is-selected' : ''}${live ? ' is-live' : ''}${data?.each ? ' is-stream' : ''}`}
        style={{ stroke: dye(dyeOfType(data?.type ?? '*')) }}
      />
      {data?.each && <path d={path} className="wire-core" />}
      <path d={path} className="react-flow__edge-interaction" strokeOpacity={0} strokeWidth={16} fill="none">
        {data?.each && <title>{STREAM[data.note] ?? STREAM.each}</title>}
      </path>
    </>
  )
})
