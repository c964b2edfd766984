import { describe, expect, test } from 'vitest'
import { addNodeFor } from '../actions/wiring'
import type { Widget } from '../api/types'
import { inputType, nodeType } from '../catalogue/toys'
import { editorWith, rendered } from '../editor/testing'
import { TEXT_AREA, THUMBNAIL, WIDGET_ROW } from '../scene/sizes'
import { Field } from './Field'
import { fieldSize, KINDS } from './registry'

const NUMBER = { min: 0, max: 10, step: 1 }
const WIDGETS: { [K in Widget['kind']]: Widget } = {
  number: { kind: 'number', ...NUMBER },
  slider: { kind: 'slider', ...NUMBER },
  seed: { kind: 'seed', ...NUMBER },
  text: { kind: 'text', multiline: false, placeholder: '' },
  toggle: { kind: 'toggle', on: 'on', off: 'off' },
  choice: { kind: 'choice', options: ['a', 'b'] },
  file: { kind: 'file', folder: 'vae', upload: '' },
  subworkflow: { kind: 'subworkflow' },
} as { [K in Widget['kind']]: Widget }

describe.each(KINDS)('a widget of the kind %s', (kind) => {
  const widget = WIDGETS[kind]

  test('has a control that its label names', () => {
    const type = nodeType('Toy', [inputType('it', { type: 'X', title: 'It', widget })])
    const editor = editorWith([type], { fieldSizes: fieldSize })
    const id = addNodeFor(editor, type, [0, 0], null)
    const input = type.inputs[0] as (typeof type.inputs)[0]
    const html = rendered(editor, <Field id={id} input={input} wired={false} height={WIDGET_ROW} />)
    expect(html).toContain(`for="${editor.prefix}-f-${id}-it"`)
    expect(html).toContain(`id="${editor.prefix}-f-${id}-it"`)
    expect(html).toContain(`kind-${kind}`)
  })

  test('has one row, which nobody makes taller', () => {
    expect(fieldSize(widget)).toEqual({ height: WIDGET_ROW, stretches: false })
  })
})

test('a text of several lines has room, and may get more', () => {
  const widget = { ...WIDGETS.text, multiline: true } as Widget
  expect(fieldSize(widget)).toEqual({ height: TEXT_AREA, stretches: true })
})

test('a file that may be uploaded has room for its picture', () => {
  const widget = { ...WIDGETS.file, upload: 'image' } as Widget
  expect(fieldSize(widget)).toEqual({ height: WIDGET_ROW + THUMBNAIL, stretches: false })
})

test('from some way off a file is shown by its picture, a number by its words', () => {
  const shown = [{ ...WIDGETS.file, upload: 'image' } as Widget, WIDGETS.number].map((widget) => {
    const type = nodeType('Toy', [inputType('it', { widget, default: 3 })])
    const editor = editorWith([type])
    const id = addNodeFor(editor, type, [0, 0], null)
    editor.ui.setState({ plain: true })
    const input = type.inputs[0] as (typeof type.inputs)[0]
    return rendered(editor, <Field id={id} input={input} wired={false} height={WIDGET_ROW} />)
  })
  expect(shown[0]).toContain('file-picture')
  expect(shown[1]).not.toContain('file-picture')
})

test('a kind that this page does not know has one row and no control', () => {
  expect(fieldSize({ kind: 'dial' } as unknown as Widget)).toEqual({ height: WIDGET_ROW, stretches: false })
})
