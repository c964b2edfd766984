/** A menu of commands at a place on screen: arrow keys, Enter, Escape. */
import { Fragment, type KeyboardEvent, useCallback, useEffect, useLayoutEffect, useRef } from 'react'
import { useStore } from 'zustand'
import { useEditor } from '../editor/context'
import { available } from '../state/commands'
import { keysInWords } from '../state/keys'
import './Menu.css'

const CLIPBOARD_KEYS: Record<string, string> = {
  'edit.copy': 'mod+C',
  'edit.cut': 'mod+X',
  'edit.paste': 'mod+V',
}

export function Menu() {
  const editor = useEditor()
  const close = useCallback(() => editor.ui.setState({ menu: null }), [editor])
  const menu = useStore(editor.ui, (state) => state.menu)
  const box = useRef<HTMLDivElement>(null)
  const before = useRef<Element | null>(null)

  useLayoutEffect(() => {
    const element = box.current
    if (!menu || !element) return
    before.current = document.activeElement
    const { width, height } = element.getBoundingClientRect()
    element.style.left = `${Math.max(8, Math.min(menu.at[0], window.innerWidth - width - 8))}px`
    element.style.top = `${Math.max(8, Math.min(menu.at[1], window.innerHeight - height - 8))}px`
    element.querySelector<HTMLElement>('[role=menuitem]:not([disabled])')?.focus()
  }, [menu])

  useEffect(() => {
    if (!menu) return
    const away = (event: Event) => !box.current?.contains(event.target as Node) && close()
    addEventListener('pointerdown', away, true)
    addEventListener('blur', close)
    return () => {
      removeEventListener('pointerdown', away, true)
      removeEventListener('blur', close)
    }
  }, [menu, close])

  if (!menu) return null

  const onKeyDown = (event: KeyboardEvent) => {
    const items = [...(box.current?.querySelectorAll<HTMLElement>('[role=menuitem]:not([disabled])') ?? [])]
    const at = items.indexOf(document.activeElement as HTMLElement)
    const to = { ArrowDown: at + 1, ArrowUp: at - 1 + items.length, Home: 0, End: items.length - 1 }[
      event.key
    ]
    if (event.key === 'Escape' || event.key === 'Tab') {
      close()
      if (before.current instanceof HTMLElement) before.current.focus()
    } else if (to !== undefined) items[to % items.length]?.focus()
    else return
    event.preventDefault()
    event.stopPropagation()
  }

  return (
    <div ref={box} className="menu" role="menu" aria-label={menu.label} tabIndex={-1} onKeyDown={onKeyDown}>
      {menu.commands.map((id, at) => {
        const item = editor.commands.find(id)
        if (!item) return null
        const previous = editor.commands.find(menu.commands[at - 1] ?? '')
        const keys = item.keys?.[0] ?? CLIPBOARD_KEYS[id]
        return (
          <Fragment key={id}>
            {previous && previous.group !== item.group && <hr />}
            <button
              type="button"
              role="menuitem"
              disabled={!available(item)}
              onClick={() => {
                close()
                editor.commands.perform(id)
              }}
            >
              <span>{item.title}</span>
              {keys && <kbd>{keysInWords(keys)}</kbd>}
            </button>
          </Fragment>
        )
      })}
    </div>
  )
}
