/** Hands an editor to components. */
import { createContext, useContext } from 'react'
import { useStore } from 'zustand'
import type { NodeType } from '../api/types'
import type { Editor } from './editor'

const Context = createContext<Editor | null>(null)

/** Components below it belong to the editor that is its `value`. */
export const EditorProvider = Context.Provider

export function useEditor(): Editor {
  const editor = useContext(Context)
  if (!editor) throw new Error('this component is not inside an EditorProvider')
  return editor
}

/** The node type of this name, as the document and the server are now. */
export function useType(name: string | undefined): NodeType | undefined {
  const { catalogue, doc, types } = useEditor()
  const known = useStore(catalogue, (state) => state.types)
  return useStore(doc, (state) => types.lookup(known, state.doc.subs, name ?? ''))
}
