import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createUi } from './ui'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

const texts = ({ getState }: ReturnType<typeof createUi>) => getState().toasts.map(({ text }) => text)

describe('messages', () => {
  test('pass after a while, bad ones and those with an action later', () => {
    const ui = createUi()
    ui.toast('saved')
    ui.toast('lost', { tone: 'bad' })
    ui.toast('gone', { action: { label: 'Undo', run: () => undefined } })
    vi.advanceTimersByTime(6_000)
    expect(texts(ui)).toEqual(['lost', 'gone'])
    vi.advanceTimersByTime(6_000)
    expect(texts(ui)).toEqual([])
  })

  test('of the same words stand there once, as the newest', () => {
    const ui = createUi()
    for (const text of ['a', 'b', 'a']) ui.toast(text)
    expect(texts(ui)).toEqual(['b', 'a'])
  })

  test('push out the oldest that only informs, never what is still so', () => {
    const ui = createUi()
    ui.trouble('No connection. It is tried again.')
    ui.toast('lost', { tone: 'bad' })
    for (const text of ['a', 'b', 'c', 'd']) ui.toast(text)
    expect(texts(ui)).toEqual(['No connection.', 'lost', 'b', 'c', 'd'])
  })

  test('about work stay until its end, with the words of the last step', () => {
    const ui = createUi()
    const work = ui.working('Uploading 1 of 2')
    work.update('Uploading 2 of 2')
    vi.advanceTimersByTime(60_000)
    expect(texts(ui)).toEqual(['Uploading 2 of 2'])
    work.end()
    expect(texts(ui)).toEqual([])
  })

  test('about trouble have the first sentence as title', () => {
    const ui = createUi()
    const end = ui.trouble('No room. Version 1.2 was kept. Free some space.')
    expect(ui.getState().toasts[0]).toMatchObject({
      text: 'No room.',
      detail: 'Version 1.2 was kept. Free some space.',
    })
    end()
    expect(texts(ui)).toEqual([])
    ui.trouble('No room')
    expect(ui.getState().toasts[0]).toMatchObject({ text: 'No room', detail: '' })
  })
})

test('a selection replaces the one before, of nodes and of wires', () => {
  const ui = createUi()
  ui.select(['1', '2'], ['w'])
  expect(ui.hasSelection()).toBe(true)
  ui.select(['3'])
  expect([...ui.getState().selected]).toEqual(['3'])
  expect(ui.getState().selectedEdges.size).toBe(0)
})
