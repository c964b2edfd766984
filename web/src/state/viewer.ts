/** Looking at pictures in full size. */
import type { Artifact } from '../api/types'
import { ui } from './ui'

export function viewPictures(pictures: readonly Artifact[], at: number): void {
  ui.setState({ viewing: { pictures, at } })
}
