/** The table of widgets: one row for each kind with its component and its layout. */
import type { ComponentType } from 'react'
import { takesPictures } from '../actions/upload'
import type { Widget } from '../api/types'
import type { FieldSize } from '../scene/geometry'
import { TEXT_AREA, THUMBNAIL, WIDGET_ROW } from '../scene/sizes'
import { ChoiceField } from './ChoiceField'
import { FileField, PlainFile } from './FileField'
import { NumberField } from './NumberField'
import { SeedField } from './SeedField'
import { SubworkflowField } from './SubworkflowField'
import { TextField } from './TextField'
import { ToggleField } from './ToggleField'
import type { PlainProps, WidgetProps } from './value'

type Kind = Widget['kind']
type Of<K extends Kind> = Extract<Widget, { kind: K }>

interface Row<W> {
  Control: ComponentType<WidgetProps<W>>
  /** Shown beside the text where fields are too small to be used. */
  Plain?: ComponentType<PlainProps<W>>
  /** The height in px; one row of the node where it is absent. */
  height?(widget: W): number
  /** Whether its height can be changed. */
  stretches?(widget: W): boolean
}

const WIDGETS: { readonly [K in Kind]: Row<Of<K>> } = {
  number: { Control: NumberField },
  slider: { Control: NumberField },
  seed: { Control: SeedField },
  text: {
    Control: TextField,
    height: ({ multiline }) => (multiline ? TEXT_AREA : WIDGET_ROW),
    stretches: ({ multiline }) => multiline,
  },
  toggle: { Control: ToggleField },
  choice: { Control: ChoiceField },
  file: {
    Control: FileField,
    Plain: PlainFile,
    height: (widget) => (takesPictures(widget) ? WIDGET_ROW + THUMBNAIL : WIDGET_ROW),
  },
  subworkflow: { Control: SubworkflowField },
}

export const KINDS = Object.keys(WIDGETS) as Kind[]

/** The row of a widget; undefined for a kind that a newer server may know and this page does not. */
export const rowOf = (widget: Widget): Row<Widget> | undefined =>
  WIDGETS[widget.kind] as Row<Widget> | undefined

export function fieldSize(widget: Widget): FieldSize {
  const row = rowOf(widget)
  return {
    height: row?.height?.(widget) ?? WIDGET_ROW,
    stretches: row?.stretches?.(widget) ?? false,
  }
}
