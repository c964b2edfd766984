/** Shows a message when the worker died: why, at which node, and that nothing is lost. */

import type { Editor } from '../editor/editor'
import { titleOfPath } from './enter'

export function watchWorker(editor: Editor): void {
  editor.run.subscribe((now, before) => {
    const failure = now.worker?.last_failure
    const old = before.worker?.last_failure
    // what happened before this page knew the worker is no news
    if (!failure || !before.worker || failure.at === old?.at) return
    const where = failure.node ? ` while “${titleOfPath(editor, failure.node)}” ran` : ''
    editor.ui.toast(`The worker died${where}`, {
      detail: `${failure.message || failure.cause} A new one is started, and the run is tried again.`,
      tone: 'bad',
    })
  })
}
