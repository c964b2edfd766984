/** The shell: bar, canvas, result, and what lies above them. */
import { lazy, Suspense } from 'react'
import { useStore } from 'zustand'
import { Canvas } from '../canvas/Canvas'
import { useEditor } from '../editor/context'
import { Palette } from '../panels/Palette'
import { ProblemBar } from '../panels/ProblemBar'
import { ResultPanel } from '../panels/ResultPanel'
import { WhyCard } from '../panels/WhyCard'
import { Breadcrumbs } from './Breadcrumbs'
import { ConnectionBar } from './ConnectionBar'
import { EmptyHint } from './EmptyHint'
import { ErrorBoundary } from './ErrorBoundary'
import { Menu } from './Menu'
import { Toasts } from './Toasts'
import { TopBar } from './TopBar'
import { ViewBar } from './ViewBar'
import './App.css'

const Dialogs = lazy(() => import('../panels/Dialogs'))

export function App() {
  const editor = useEditor()
  const resultOpen = useStore(editor.ui, (state) => state.resultOpen)
  const dialog = useStore(editor.ui, (state) => state.dialog !== null || state.viewing !== null)
  const dropping = useStore(editor.ui, (state) => state.dropping)
  return (
    <div className={`app${resultOpen ? '' : ' is-result-closed'}`}>
      <TopBar />
      <ConnectionBar />
      <main className="work">
        <section className="stage" aria-label="Workflow">
          <ErrorBoundary what="The graph">
            <Canvas />
          </ErrorBoundary>
          <EmptyHint />
          <Breadcrumbs />
          <ViewBar />
          <ProblemBar />
        </section>
        {resultOpen && <ResultPanel />}
      </main>
      <Palette />
      <Menu />
      <WhyCard />
      {dialog && (
        <Suspense>
          <Dialogs />
        </Suspense>
      )}
      <Toasts />
      {dropping && (
        <div className="drop-veil">Drop a workflow, a picture that Jacquard saved, or any picture</div>
      )}
    </div>
  )
}
