/** The search palette: node types to add, or commands to run. A dropped wire limits it to compatible node types. */
import { Search } from 'lucide-react'
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from 'react'
import { useStore } from 'zustand'
import { usableSubs } from '../actions/subworkflows'
import { addNodeFor, socketOfType, typeOfEnd } from '../actions/wiring'
import type { NodeType } from '../api/types'
import { typeInWords } from '../catalogue/compatibility'
import { searchNodes } from '../catalogue/search'
import { useEditor } from '../editor/context'
import type { Editor } from '../editor/editor'
import { dye, dyeOfCategory } from '../scene/colours'
import { available, type Command } from '../state/commands'
import { keysInWords } from '../state/keys'
import type { PaletteState } from '../state/ui'
import { CATEGORY } from '../subworkflows/instanceTypes'
import './Palette.css'

const WIDTH = 400
const HEIGHT = 430
const close = (editor: Editor) => editor.ui.setState({ palette: null })

export function Palette() {
  const editor = useEditor()
  const palette = useStore(editor.ui, (state) => state.palette)
  return palette && <OpenPalette key={`${palette.mode}${palette.at}`} palette={palette} />
}

interface Item {
  key: string
  title: string
  second: string
  help: string
  tint: string
  run(): void
}

function nodeItem(editor: Editor, type: NodeType, palette: PaletteState): Item {
  return {
    key: type.id,
    title: type.title,
    second: type.category === CATEGORY ? 'sub-workflow' : type.id,
    help: type.help.split('\n\n')[0]?.replace(/\n/g, ' ').replace(/\*/g, '') ?? '',
    tint: dye(dyeOfCategory(type.category)),
    run: () => editor.ui.select([addNodeFor(editor, type, palette.at, palette.from)]),
  }
}

function commandItem(command: Command): Item {
  return {
    key: command.id,
    title: command.title,
    second: command.keys?.[0] ? keysInWords(command.keys[0]) : command.group,
    help: '',
    tint: dye('ash'),
    run: command.run,
  }
}

function findCommands(editor: Editor, query: string): Command[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean)
  const known = editor.commands.all().filter((one) => available(one) && one.id !== 'help.palette')
  return known.filter((one) =>
    words.every((word) => `${one.title} ${one.group}`.toLowerCase().includes(word)),
  )
}

function OpenPalette({ palette }: { palette: PaletteState }) {
  const editor = useEditor()
  const listed = useStore(editor.catalogue, (state) => state.list)
  const types = useMemo(() => [...usableSubs(editor), ...listed], [editor, listed])
  const [query, setQuery] = useState('')
  const [active, setActive] = useState(0)
  const list = useRef<HTMLDivElement>(null)
  const before = useRef(document.activeElement)
  const commands = palette.mode === 'commands' || query.startsWith('>')

  const items = useMemo(() => {
    if (commands) return findCommands(editor, query.replace(/^>/, '')).map(commandItem)
    const fitting = palette.from
      ? types.filter(
          (type) => socketOfType(editor, palette.from as NonNullable<typeof palette.from>, type) !== null,
        )
      : types
    return searchNodes(query, fitting).map((type) => nodeItem(editor, type, palette))
  }, [editor, commands, query, types, palette])
  const chosen = items[Math.min(active, items.length - 1)]

  useEffect(() => {
    list.current?.querySelector('[aria-selected=true]')?.scrollIntoView({ block: 'nearest' })
  })

  useEffect(
    () => () => {
      if (before.current instanceof HTMLElement) before.current.focus({ preventScroll: true })
    },
    [],
  )

  const perform = (item: Item | undefined) => {
    if (!item) return
    close(editor)
    item.run()
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const to = { ArrowDown: active + 1, ArrowUp: active - 1, PageDown: active + 8, PageUp: active - 8 }[
      event.key
    ]
    if (to !== undefined) setActive(Math.max(0, Math.min(items.length - 1, to)))
    else if (event.key === 'Enter') perform(chosen)
    else if (event.key === 'Escape' || event.key === 'Tab') close(editor)
    else return
    event.preventDefault()
    event.stopPropagation()
  }

  const [x, y] = palette.screen ?? [(window.innerWidth - WIDTH) / 2, 120]
  const left = Math.max(8, Math.min(x, window.innerWidth - WIDTH - 8))
  const top = Math.max(8, Math.min(y, window.innerHeight - HEIGHT - 8))
  const wanted = palette.from
    ? `${palette.from.side === 'output' ? 'Takes' : 'Gives'} ${typeInWords(typeOfEnd(editor, palette.from))}`
    : ''
  return (
    <>
      <div className="palette-back" onPointerDown={() => close(editor)} />
      <div
        className="palette"
        role="dialog"
        aria-label={commands ? 'Commands' : 'Add a node'}
        style={{ left, top }}
      >
        <div className="palette-search">
          <Search size={16} aria-hidden="true" />
          <input
            ref={(field) => field?.focus()}
            role="combobox"
            aria-expanded="true"
            aria-controls="palette-list"
            aria-activedescendant={chosen ? `palette-${chosen.key}` : undefined}
            aria-label={commands ? 'Find a command' : 'Find a node'}
            placeholder={commands ? 'Find a command' : 'Find a node: prompt, blur, upscale'}
            autoComplete="off"
            value={query}
            onChange={(event) => {
              setQuery(event.target.value)
              setActive(0)
            }}
            onKeyDown={onKeyDown}
          />
          {wanted && <span className="palette-filter">{wanted}</span>}
        </div>
        <div
          ref={list}
          className="palette-list"
          id="palette-list"
          role="listbox"
          aria-label="Found"
          tabIndex={-1}
        >
          {items.map((item, at) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the keys work in the search field
            <div
              key={item.key}
              id={`palette-${item.key}`}
              role="option"
              tabIndex={-1}
              aria-selected={item === chosen}
              className="palette-item"
              onPointerMove={() => at !== active && setActive(at)}
              onClick={() => perform(item)}
            >
              <i style={{ background: item.tint }} aria-hidden="true" />
              <span>{item.title}</span>
              <code>{item.second}</code>
            </div>
          ))}
          {!items.length && (
            <p className="palette-none">
              {commands || types.length
                ? 'Nothing found. Try fewer or other words.'
                : 'The list of nodes is still on its way.'}
            </p>
          )}
        </div>
        {chosen?.help && <p className="palette-help">{chosen.help}</p>}
      </div>
    </>
  )
}
