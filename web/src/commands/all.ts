/** All commands of an editor, in the order of their groups. */
import type { Editor } from '../editor/editor'
import type { Command } from '../state/commands'
import { editCommands } from './edit'
import { fileCommands } from './file'
import { runCommands } from './run'
import { subworkflowCommands } from './subworkflows'
import { addCommands, viewCommands } from './view'

const GROUPS: readonly ((editor: Editor) => Command[])[] = [
  runCommands,
  fileCommands,
  editCommands,
  subworkflowCommands,
  addCommands,
  viewCommands,
]

export function registerAll(editor: Editor): void {
  for (const group of GROUPS) for (const command of group(editor)) editor.commands.register(command)
}
