/**
 * Files that were dropped or pasted. A workflow opens; pictures become inputs. What is left out is said, each file by its
 * name, and nothing that is on the canvas is lost.
 */
import { inWords } from '../api/http'
import { toast } from '../app/ui'
import type { Doc, NodeId, Point } from '../doc/types'
import { WIDTH } from '../graph/geometry'
import { docOfFile, isPicture, openDoc, tellFailure } from './open'
import { type LeftOut, nodeForPicture, placePictures } from './upload'

/** Take files. `into` is the node that they were let go on, when it shows pictures. */
export async function takeFiles(files: readonly File[], at: Point, into?: NodeId): Promise<void> {
  const pictures = files.filter(isPicture)
  const others = files.filter((file) => !isPicture(file))
  const [other] = others
  if (files.length === 1 && files[0]) return takeOne(files[0], at, into)
  const leftOut: LeftOut[] = []
  if (others.length > 1) {
    for (const file of others)
      leftOut.push({ name: file.name, why: 'only one workflow can be opened at a time' })
  } else if (other) {
    try {
      const doc = await docOfFile(other)
      if (doc) opened(doc, other)
      if (doc && pictures.length) at = beside(doc)
    } catch (error) {
      leftOut.push({ name: other.name, why: inWords(error).message })
    }
  }
  await placePictures(pictures, at, { into, leftOut })
}

/** A free place to the right of a workflow. */
function beside({ nodes }: Doc): Point {
  const places = Object.values(nodes).map(({ position, size }): Point => {
    const [x, y] = position ?? [0, 0]
    return [x + Math.max(WIDTH, size?.[0] ?? 0), y]
  })
  if (!places.length) return [0, 0]
  return [Math.max(...places.map(([x]) => x)) + 80, Math.min(...places.map(([, y]) => y))]
}

function opened(doc: Doc, file: File): void {
  openDoc(doc, `Open ${file.name}`)
  toast(`Opened the workflow of ${file.name}`, { detail: 'Undo brings back what was here before.' })
}

/** One file alone may be either; on a node that shows pictures, any picture is one. */
async function takeOne(file: File, at: Point, into?: NodeId): Promise<void> {
  const picture = isPicture(file)
  if (picture && into) return placePictures([file], at, { into })
  let doc: Doc | null
  try {
    doc = await docOfFile(file)
  } catch (error) {
    if (!picture) return tellFailure(error, file.name)
    // it is still a picture that can be used as one
    const why = `${inWords(error).message} It was taken as a picture.`
    return placePictures([file], at, { into, leftOut: [{ name: `the workflow of ${file.name}`, why }] })
  }
  if (doc) opened(doc, file)
  else await placePictures([file], at, { into })
}

/** Files that were pasted: one picture alone goes into the node that is selected. */
export function pasteFiles(files: readonly File[], at: Point): Promise<void> {
  return takeFiles(files, at, files.length === 1 ? nodeForPicture() : undefined)
}

/** A folder cannot be taken as it is: say what can be done instead. */
export function tellFolders(names: readonly string[]): void {
  toast(names.length > 1 ? `${names.join(', ')} are folders` : `${names[0]} is a folder`, {
    detail:
      'Drop the pictures that are in it, or put it into the input folder and use “Load Images from Folder”.',
    tone: 'bad',
  })
}
