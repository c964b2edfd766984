/** Says in the bar that a node pack was left out; what and why is a press away. Nothing when all packs are well. */
import { TriangleAlert } from 'lucide-react'
import { useStore } from 'zustand'
import { packsInWords } from '../catalogue/packs'
import { useEditor } from '../editor/context'
import './PacksChip.css'

export function PacksChip() {
  const editor = useEditor()
  const words = useStore(editor.catalogue, (state) => packsInWords(state.packs))
  if (!words) return null
  return (
    <button
      type="button"
      className="packs-chip"
      aria-label={words}
      title="Everything else works. Press to see what is wrong, and to load the packs again."
      aria-haspopup="dialog"
      onClick={() => editor.ui.setState({ dialog: 'packs' })}
    >
      <TriangleAlert size={14} aria-hidden />
      <span>{words}</span>
    </button>
  )
}
