/** All keyboard shortcuts, from the list of commands. */
import { Dialog } from '../components/Dialog'
import { useEditor } from '../editor/context'
import type { Group } from '../state/commands'
import { keysInWords } from '../state/keys'
import './Shortcuts.css'

const GROUPS: Group[] = ['Run', 'Edit', 'Add', 'Sub-workflow', 'File', 'View', 'Help']
const FIXED: Partial<Record<Group, [string, string][]>> = {
  Edit: [
    ['Copy, cut, paste', 'mod+C / X / V'],
    ['Paste with the wires from other nodes', 'mod+Shift + V'],
    ['Move the selected nodes', 'Arrows'],
    ['Start or end a wire at a socket', 'Enter'],
  ],
  Add: [
    ['Add a node here', 'Double-click'],
    ['Add a fitting node', 'Drop a wire on the canvas'],
  ],
  View: [
    ['Move about', 'Drag the canvas'],
    ['Zoom', 'Wheel'],
    ['Select several', 'Shift + drag'],
  ],
}

export function Shortcuts({ onClose }: { onClose(): void }) {
  const editor = useEditor()
  return (
    <Dialog title="Keyboard and mouse" wide onClose={onClose}>
      <div className="shortcuts">
        {GROUPS.map((group) => (
          <section key={group}>
            <h3>{group}</h3>
            <dl>
              {editor.commands
                .all()
                .filter((one) => one.group === group && one.keys?.length)
                .map((one) => (
                  <div key={one.id}>
                    <dt>{one.title}</dt>
                    <dd>
                      <kbd>{keysInWords(one.keys?.[0] as string)}</kbd>
                    </dd>
                  </div>
                ))}
              {FIXED[group]?.map(([what, how]) => (
                <div key={what}>
                  <dt>{what}</dt>
                  <dd>
                    <kbd>
                      {how.includes('mod') ? keysInWords('mod') + how.slice(3).replace('+', ' + ') : how}
                    </kbd>
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  )
}
