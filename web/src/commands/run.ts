/** The commands of runs. */
import { cancelAll, cancelCurrent, run } from '../actions/run'
import type { Editor } from '../editor/editor'
import { nodeRun } from '../run/store'
import type { Command } from '../state/commands'

const hasRuns = (editor: Editor) => {
  const { running, queue } = editor.run.getState()
  return running.length > 0 || queue.length > 0
}

export const runCommands = (editor: Editor): Command[] => [
  {
    id: 'run.run',
    title: 'Run',
    group: 'Run',
    keys: ['mod+Enter'],
    inFields: true,
    run: () => void run(editor),
  },
  {
    id: 'run.here',
    title: 'Run only up to here',
    group: 'Run',
    // a round of a loop is no target
    when: () => editor.ui.hasSelection() && !editor.doc.getState().path.some((place) => place.input),
    run: () =>
      void run(
        editor,
        [...editor.ui.getState().selected].map((id) => editor.run.getState().scope + id),
      ),
  },
  {
    id: 'run.why',
    title: 'Why did this run?',
    group: 'Run',
    keys: ['w'],
    when: () => {
      const [id, state] = [editor.ui.onlySelected(), editor.run.getState()]
      return id !== undefined && (nodeRun(state, id) !== undefined || editor.isUnneeded(state, id))
    },
    run: () => editor.ui.setState({ why: editor.ui.onlySelected() ?? null }),
  },
  {
    id: 'run.cancel',
    title: 'Cancel the run',
    group: 'Run',
    keys: ['mod+.'],
    inFields: true,
    when: () => hasRuns(editor),
    run: () => cancelCurrent(editor),
  },
  {
    id: 'run.cancelAll',
    title: 'Cancel all runs',
    group: 'Run',
    when: () => hasRuns(editor),
    run: () => void cancelAll(editor),
  },
  {
    id: 'run.queue',
    title: 'Show the queue',
    group: 'Run',
    keys: ['q'],
    run: () => editor.ui.setState((state) => ({ queueOpen: !state.queueOpen })),
  },
]
