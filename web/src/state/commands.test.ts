import { expect, test, vi } from 'vitest'
import { createCommands } from './commands'

const command = (id: string, when?: () => boolean) => ({
  id,
  title: id,
  group: 'View' as const,
  ...(when && { when }),
  run: vi.fn(),
})

test('an id stands for one command', () => {
  const commands = createCommands()
  commands.register(command('view.fit'))
  expect(() => commands.register(command('view.fit'))).toThrow('view.fit')
  expect(commands.all().map(({ id }) => id)).toEqual(['view.fit'])
})

test('only what makes sense now is performed', () => {
  const commands = createCommands()
  let possible = false
  const one = command('edit.undo', () => possible)
  commands.register(one)
  commands.perform('edit.undo')
  commands.perform('no.such')
  expect(one.run).not.toHaveBeenCalled()
  expect([commands.isAvailable('edit.undo'), commands.isAvailable('no.such')]).toEqual([false, false])
  possible = true
  commands.perform('edit.undo')
  expect(one.run).toHaveBeenCalledOnce()
})
