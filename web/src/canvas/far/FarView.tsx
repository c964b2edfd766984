/** The canvas that replaces the DOM at a small zoom: paints, selects and drags nodes. */
import { useStoreApi } from '@xyflow/react'
import { useEffect, useRef } from 'react'
import { useStore } from 'zustand'
import { openNode } from '../../actions/enter'
import { subIdOf } from '../../document/subworkflows'
import type { Point } from '../../document/types'
import { useEditor } from '../../editor/context'
import type { Editor } from '../../editor/editor'
import { nodeRun, problemsOf } from '../../run/store'
import { dyeOfCategory } from '../../scene/colours'
import { INPUTS, isPanel, type OpNode, titleOf } from '../../scene/flowNodes'
import { commitDrag } from '../drag'
import { type FarNode, type Palette, paint, type Scene } from './paint'
import { readPalette } from './palette'
import './FarView.css'

function sceneOf(editor: Editor, palette: Palette): Scene {
  const { nodes, edges, shapes } = editor.flow.getState()
  const { body } = editor.doc.getState()
  const run = editor.run.getState()
  const found = new Map<string, FarNode>()
  for (const { id, position, selected } of nodes) {
    const node = body.nodes[id]
    const shape = shapes.get(id)
    if (!shape) continue
    if (!node) {
      const title = id === INPUTS ? 'Inputs' : 'Outputs'
      const { x, y } = position
      found.set(id, { x, y, shape, title, dye: 'ash', selected: false, state: '', dim: false })
      continue
    }
    const type = editor.types.typeFor(node.type)
    found.set(id, {
      x: position.x,
      y: position.y,
      shape,
      title: titleOf(node, type),
      dye: type ? dyeOfCategory(type.category) : 'ash',
      selected: selected ?? false,
      state: problemsOf(run, id).length ? 'failed' : (nodeRun(run, id)?.state ?? ''),
      dim: node.mode !== undefined && node.mode !== 'active',
    })
  }
  return { nodes: found, edges, palette }
}

function hit(editor: Editor, [x, y]: Point): OpNode | undefined {
  return editor.flow
    .getState()
    .nodes.findLast(
      (node) =>
        !isPanel(node.id) &&
        x >= node.position.x &&
        y >= node.position.y &&
        x <= node.position.x + (node.width ?? 0) &&
        y <= node.position.y + (node.height ?? 0),
    )
}

export function FarView() {
  const editor = useEditor()
  const far = useStore(editor.ui, (state) => state.far)
  return far ? <FarCanvas /> : null
}

function FarCanvas() {
  const editor = useEditor()
  const canvas = useRef<HTMLCanvasElement>(null)
  const flow = useStoreApi()

  useEffect(() => {
    const element = canvas.current
    const ctx = element?.getContext('2d')
    if (!element || !ctx) return
    let palette = readPalette(element)
    let scene: Scene | null = null
    let frame = 0
    const draw = () => {
      frame = 0
      const { transform, width, height } = flow.getState()
      const scale = window.devicePixelRatio || 1
      if (element.width !== width * scale || element.height !== height * scale) {
        element.width = width * scale
        element.height = height * scale
      }
      scene ??= sceneOf(editor, palette)
      const [x, y, zoom] = transform
      ctx.setTransform(1, 0, 0, 1, 0, 0)
      ctx.clearRect(0, 0, element.width, element.height)
      ctx.setTransform(zoom * scale, 0, 0, zoom * scale, x * scale, y * scale)
      paint(ctx, scene, { x, y, zoom, width, height })
    }
    const ask = () => {
      frame ||= requestAnimationFrame(draw)
    }
    const renew = () => {
      scene = null
      ask()
    }
    const restyle = () => {
      palette = readPalette(element)
      renew()
    }
    const leave = [
      flow.subscribe((now, before) => {
        if (now.transform !== before.transform || now.width !== before.width || now.height !== before.height)
          ask()
      }),
      editor.flow.subscribe(renew),
      editor.run.subscribe((now, before) => {
        if (now.states !== before.states || now.shown !== before.shown || now.problems !== before.problems)
          renew()
      }),
      editor.ui.subscribe((now, before) => {
        if (now.theme !== before.theme) requestAnimationFrame(restyle)
      }),
    ]
    const dark = window.matchMedia('(prefers-color-scheme: dark)')
    dark.addEventListener('change', restyle)
    const root = element.closest('.react-flow') as HTMLElement
    const detach = attachPointer(editor, root, () => flow.getState().transform)
    draw()
    return () => {
      for (const stop of leave) stop()
      dark.removeEventListener('change', restyle)
      detach()
      cancelAnimationFrame(frame)
    }
  }, [editor, flow])

  return <canvas ref={canvas} className="far" />
}

/** Selects and drags nodes on the canvas; React Flow handles presses that hit no node. */
function attachPointer(
  editor: Editor,
  root: HTMLElement,
  transform: () => [number, number, number],
): () => void {
  const place = (event: MouseEvent): Point => {
    const box = root.getBoundingClientRect()
    const [x, y, zoom] = transform()
    return [(event.clientX - box.left - x) / zoom, (event.clientY - box.top - y) / zoom]
  }
  const inCanvas = (event: Event) => (event.target as Element).closest('.react-flow__pane, .far') !== null
  const onDown = (event: PointerEvent) => {
    if (event.button !== 0 || !inCanvas(event)) return
    const start = place(event)
    const node = hit(editor, start)
    if (!node) return
    event.stopPropagation()
    event.preventDefault()
    const { selected } = editor.ui.getState()
    const more = event.shiftKey || event.ctrlKey || event.metaKey
    if (!selected.has(node.id)) editor.ui.select(more ? [...selected, node.id] : [node.id])
    drag(editor, start, place)
  }
  const onDouble = (event: MouseEvent) => {
    const node = inCanvas(event) ? hit(editor, place(event)) : undefined
    if (!node) return
    event.stopPropagation()
    if (!subIdOf(editor.doc.getState().body.nodes[node.id]?.type ?? '') || !openNode(editor, node.id))
      editor.view.showNodes([node.id])
  }
  root.addEventListener('pointerdown', onDown, true)
  root.addEventListener('dblclick', onDouble, true)
  return () => {
    root.removeEventListener('pointerdown', onDown, true)
    root.removeEventListener('dblclick', onDouble, true)
  }
}

function drag(editor: Editor, start: Point, place: (event: MouseEvent) => Point): void {
  const chosen = editor.flow.getState().nodes.filter((node) => editor.ui.getState().selected.has(node.id))
  const onMove = (event: PointerEvent) => {
    const [x, y] = place(event)
    const moving: Record<string, Point> = {}
    for (const { id, position } of chosen) moving[id] = [position.x + x - start[0], position.y + y - start[1]]
    editor.ui.setState({ moving })
  }
  const onUp = () => {
    removeEventListener('pointermove', onMove)
    removeEventListener('pointerup', onUp)
    commitDrag(editor)
  }
  addEventListener('pointermove', onMove)
  addEventListener('pointerup', onUp)
}
