/**
 * The sizes of nodes in px of the graph: the one place of the numbers that both geometry and stylesheets need. Stylesheets read
 * those that they need as `var(--size-...)`, which the canvas sets. What is only drawn has its size in a stylesheet.
 */

/** The head of a node, and of a panel of inputs or outputs. */
export const HEADER = 46
/** Above the first row and below the last. */
export const PAD = 8
export const SOCKET_ROW = 26
/** A row with a field in one line; also one row of a panel of inputs or outputs. */
export const WIDGET_ROW = 34
/** A row with a field for a long text. */
export const TEXT_AREA = 112
/** What the picture below the field of a file adds to its row. */
export const THUMBNAIL = 132
/** The pictures that a node made. */
export const PICTURE = 236
/** The row of a panel at which the next input or output begins. */
export const NEW_ROW = 44
/** The box that catches the pointer at a socket. */
export const HANDLE = 12

export const WIDTH = 280
/** The least width of a node that can be made larger. */
export const WIDE = 316
export const PORTS_WIDTH = 268

/** What the canvas sets for the stylesheets below it. */
export const SIZE_VARIABLES = {
  '--size-header': `${HEADER}px`,
  '--size-pad': `${PAD}px`,
  '--size-widget-row': `${WIDGET_ROW}px`,
  '--size-thumbnail': `${THUMBNAIL}px`,
  '--size-new-row': `${NEW_ROW}px`,
  '--size-handle': `${HANDLE}px`,
} as const
