import { expect, test } from 'vitest'
import type { RunInfo } from '../api/types'
import { editorWith, rendered } from '../editor/testing'
import { QueueButton } from './QueueButton'

const run = (id: string, status: RunInfo['status'], more: Partial<RunInfo> = {}) =>
  ({ id, status, title: `Run ${id}`, started: null, finished: null, seconds: null, ...more }) as RunInfo

function editorWithRuns() {
  const editor = editorWith([])
  const runs = [
    run('now', 'running', { draining: true }),
    run('first', 'queued'),
    run('second', 'queued', { title: '' }),
    run('old', 'finished', { finished: 100, seconds: 2 }),
    run('newer', 'failed', { finished: 200 }),
  ]
  editor.run.setState({
    runs: Object.fromEntries(runs.map((one) => [one.id, one])),
    running: ['now'],
    queue: ['first', 'second'],
  })
  return editor
}
const lines = (html: string) =>
  html
    .split('<div class="queue-line ')
    .slice(1)
    .map((line) => /<strong>(.*?)<\/strong>/.exec(line)?.[1])

test('the button counts runs that wait or are at work, and hides the panel until it is opened', () => {
  const html = rendered(editorWithRuns(), <QueueButton />)
  expect(html).toContain('<b class="count">3</b>')
  expect(html).not.toContain('queue-panel')
  expect(rendered(editorWith([]), <QueueButton />)).not.toContain('count')
})

test('the panel lists what runs, what waits in its order, and what ended, the last one first', () => {
  const editor = editorWithRuns()
  editor.ui.setState({ queueOpen: true })
  const html = rendered(editor, <QueueButton />)
  expect(lines(html)).toEqual(['Run now', 'Run first', 'Untitled workflow', 'Run newer', 'Run old'])
  expect(html).toContain('saving')
  expect(html).toContain('place 2')
  // the next one is next already
  expect(html.match(/aria-label="Run this one next"/g)).toHaveLength(1)
  expect(html.match(/aria-label="Take out of the queue"/g)).toHaveLength(2)
  expect(html.match(/aria-label="Cancel this run"/g)).toHaveLength(1)
})

test('an empty queue says so', () => {
  const editor = editorWith([])
  editor.ui.setState({ queueOpen: true })
  expect(rendered(editor, <QueueButton />)).toContain('Nothing waits.')
})
