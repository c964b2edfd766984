/** Files dropped on the window. */
import { toGraph } from '../graph/viewport'
import { takeFile } from './open'
import { uploadField } from './upload'

const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false

export function listenDrop(onHover: (hovering: boolean) => void): void {
  let depth = 0
  const hover = (by: number) => {
    depth = Math.max(0, depth + by)
    onHover(depth > 0)
  }
  addEventListener('dragenter', (event) => hasFiles(event) && hover(1))
  addEventListener('dragleave', (event) => hasFiles(event) && hover(-1))
  addEventListener('dragover', (event) => hasFiles(event) && event.preventDefault())
  addEventListener('drop', (event) => {
    if (!hasFiles(event)) return
    event.preventDefault()
    depth = 0
    onHover(false)
    const node = (event.target as Element).closest<HTMLElement>('.react-flow__node')?.dataset.id
    const into = node && uploadField(node) ? node : undefined
    const file = event.dataTransfer?.files[0]
    if (file) void takeFile(file, toGraph([event.clientX, event.clientY]), into)
  })
}
