import { expect, test } from 'vitest'
import type { ServerMessage } from '../api/types'
import { gatherEvents } from './gather'

const events = (run: string, ...numbers: number[]) =>
  ({
    type: 'events',
    seq: 1,
    run,
    events: numbers.map((number) => ({ run, number })),
  }) as unknown as ServerMessage
const other = (type: string) => ({ type, seq: 1 }) as unknown as ServerMessage
const shape = (messages: readonly ServerMessage[]) =>
  gatherEvents(messages).map((message) =>
    message.type === 'events' ? `${message.run}${message.events.map((event) => event.number)}` : message.type,
  )

test('events of one run become one message, also over pictures that were saved meanwhile', () => {
  expect(shape([events('a', 1), events('a', 2, 3), other('output'), events('a', 4)])).toEqual([
    'a1,2,3,4',
    'output',
  ])
})

test('but not over what changes a run, nor over those of another run', () => {
  expect(shape([events('a', 1), other('run'), events('a', 2)])).toEqual(['a1', 'run', 'a2'])
  expect(shape([events('a', 1), events('b', 1), events('a', 2), events('a', 3)])).toEqual([
    'a1',
    'b1',
    'a2,3',
  ])
})

test('very many messages are no problem', () => {
  const many = Array.from({ length: 3_000 }, (_, at) => events('a', at))
  expect(gatherEvents(many)).toHaveLength(1)
})
