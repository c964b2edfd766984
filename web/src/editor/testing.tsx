/** For tests: an editor with node types and a document, and components of it rendered to text, without a browser. */
import { ReactFlowProvider } from '@xyflow/react'
import type { ReactNode } from 'react'
import { renderToStaticMarkup } from 'react-dom/server'
import type { NodeType } from '../api/types'
import { emptyDoc } from '../document/types'
import { WIDGET_ROW } from '../scene/sizes'
import { EditorProvider } from './context'
import { createEditor, type Editor, type Given } from './editor'

/** An editor that is at work on an empty document, with these node types. Each field has one row. */
export function editorWith(types: readonly NodeType[], given: Partial<Given> = {}): Editor {
  const editor = createEditor({ fieldSizes: () => ({ height: WIDGET_ROW, stretches: false }), ...given })
  editor.catalogue.setTypes({ nodes: [...types], packs: [] })
  editor.doc.load({ doc: emptyDoc(), origin: { path: '', key: 'test' } })
  editor.flow.start()
  return editor
}

/** A component as HTML, with the stores as they are now; without an editor where it is null. */
export function rendered(editor: Editor | null, element: ReactNode): string {
  // React renders to text from the initial state of a store
  for (const store of Object.values(editor ?? {}))
    if (typeof store === 'object' && 'getInitialState' in store) store.getInitialState = store.getState
  return renderToStaticMarkup(
    <EditorProvider value={editor}>
      <ReactFlowProvider>{element}</ReactFlowProvider>
    </EditorProvider>,
  )
}
