/** What a person can do, once: menus, keys, buttons and the palette all read this list. */

export type Group = 'File' | 'Edit' | 'Add' | 'Sub-workflow' | 'Run' | 'View' | 'Help'

export interface Command {
  id: string
  title: string
  group: Group
  /** "mod" is Ctrl, or Cmd on a Mac. The first one is shown. */
  keys?: readonly string[]
  /** Keys work inside text fields too. */
  inFields?: boolean
  /** Whether it makes sense now; a command that does not is shown as unavailable. */
  when?: () => boolean
  /** Whether its keys count now; menus and the palette offer it all the same. */
  byKey?: () => boolean
  run(): void
}

export const available = (one: Command) => one.when?.() ?? true

export function createCommands() {
  const commands = new Map<string, Command>()
  return {
    register(command: Command): void {
      if (commands.has(command.id)) throw new Error(`the command ${command.id} exists already`)
      commands.set(command.id, command)
    },
    find: (id: string): Command | undefined => commands.get(id),
    all: (): Command[] => [...commands.values()],
    isAvailable(id: string): boolean {
      const found = commands.get(id)
      return found !== undefined && available(found)
    },
    perform(id: string): void {
      const found = commands.get(id)
      if (found && available(found)) found.run()
    },
  }
}

export type Commands = ReturnType<typeof createCommands>
