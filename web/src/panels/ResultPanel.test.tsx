import { describe, expect, test } from 'vitest'
import type { Artifact, RunInfo } from '../api/types'
import { editorWith, rendered } from '../editor/testing'
import { NO_STATES, type RunStates } from '../run/states'
import { ResultPanel } from './ResultPanel'

const run = (status: RunInfo['status'], more: Partial<RunInfo> = {}) =>
  ({ id: 'r', status, attempt: 1, started: null, seconds: 3, failures: [], ...more }) as unknown as RunInfo
const picture = (name: string) =>
  ({
    url: `/files/output/${name}`,
    thumbnail: `/thumbnails/output/${name}`,
    name: `folder/${name}`,
  }) as Artifact

function panel(shown: RunInfo | null, more: object = {}, states: Partial<RunStates> = {}) {
  const editor = editorWith([])
  editor.run.setState({
    ...(shown && { runs: { r: shown }, shown: 'r', states: { r: { ...NO_STATES, ...states } } }),
    ...more,
  })
  return rendered(editor, <ResultPanel />)
}

describe('the status', () => {
  const nodes = { 1: { state: 'finished' }, 2: { state: 'reused' }, 3: { state: 'running' } } as never

  test('before a run, and while it waits', () => {
    expect(panel(null)).toContain('Not run yet')
    expect(panel(null, { queue: ['a'] })).toContain('Waiting in the queue')
  })

  test.each<[Partial<RunInfo>, string]>([
    [{}, 'Painting ·'],
    [{ attempt: 2 }, 'Painting again (try 2)'],
    [{ draining: true }, 'Saving'],
    [{ cancelling: true, draining: true }, 'Stopping'],
  ])('of a running one with %j is “%s”', (more, text) => {
    const html = panel(run('running', more), {}, { nodes })
    expect(html.replaceAll('<!-- -->', '')).toContain(text)
    expect(html).toMatch(/<progress[^>]*max="3"[^>]*value="2"/)
  })

  test('of a finished one counts what was reused', () => {
    const html = panel(run('finished'), {}, { nodes }).replaceAll('<!-- -->', '')
    expect(html).toContain('Finished in')
    expect(html).toContain('1 of 3 reused')
  })

  test('of a failed one is the last failure, or points to the node', () => {
    const failures = [{ message: 'first' }, { message: 'The worker ended.' }] as RunInfo['failures']
    expect(panel(run('failed', { failures }))).toContain('The worker ended.')
    expect(panel(run('failed'))).toContain('The node that failed says why.')
    expect(panel(run('queued', { failures })).replaceAll('<!-- -->', '')).toContain(
      'The worker ended. It is tried again.',
    )
  })
})

describe('the picture', () => {
  const made = [picture('a.png'), picture('b.png')]
  const pictures = { pictures: { 1: made }, lastMaker: '1', newest: made[1] }

  test('is the newest one of the node that made pictures last, and can be downloaded under its own name', () => {
    const html = panel(run('finished'), pictures)
    expect(html).toContain('download="b.png"')
    expect(html.match(/aria-current="true" aria-label="Look at picture 2"/)).not.toBeNull()
  })

  test('of an earlier run is dimmed while a run is at work', () => {
    expect(panel(run('running'), pictures)).toContain('result-picture is-stale')
    expect(panel(run('finished'), pictures)).not.toContain('is-stale')
    expect(panel(run('running'))).not.toContain('is-stale')
  })

  test('is announced in its place before there is one', () => {
    expect(panel(null)).toContain('Your picture appears here')
    expect(panel(null, { worker: { state: 'starting' } })).toContain('still getting ready')
  })
})
