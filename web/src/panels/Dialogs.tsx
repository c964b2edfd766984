/** All dialogs; their code is loaded when the first one opens. */
import { useStore } from 'zustand'
import { useEditor } from '../editor/context'
import { ConflictDialog } from './ConflictDialog'
import { Gallery } from './Gallery'
import { Models } from './Models'
import { OpenDialog } from './OpenDialog'
import { Packs } from './Packs'
import { SaveDialog } from './SaveDialog'
import { Shortcuts } from './Shortcuts'
import { Templates } from './Templates'
import { Viewer } from './Viewer'

export default function Dialogs() {
  const editor = useEditor()
  const dialog = useStore(editor.ui, (state) => state.dialog)
  const viewing = useStore(editor.ui, (state) => state.viewing)
  const close = () => editor.ui.setState({ dialog: null })
  return (
    <>
      {dialog === 'gallery' && <Gallery onClose={close} />}
      {dialog === 'models' && <Models onClose={close} />}
      {dialog === 'templates' && <Templates onClose={close} />}
      {dialog === 'open' && <OpenDialog onClose={close} />}
      {dialog === 'save' && <SaveDialog onClose={close} />}
      {dialog === 'packs' && <Packs onClose={close} />}
      {dialog === 'shortcuts' && <Shortcuts onClose={close} />}
      {dialog === 'conflict' && <ConflictDialog onClose={close} />}
      {viewing && (
        <Viewer
          pictures={viewing.pictures}
          start={viewing.at}
          onClose={() => editor.ui.setState({ viewing: null })}
        />
      )}
    </>
  )
}
