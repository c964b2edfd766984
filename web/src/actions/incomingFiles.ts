/**
 * Files that were dropped or pasted. A workflow opens; pictures become inputs. What is left out is reported, each file by its
 * name, and nothing that is on the canvas is lost.
 */
import { inWords } from '../api/http'
import type { Doc, NodeId, Point } from '../document/types'
import type { Editor } from '../editor/editor'
import { WIDTH } from '../scene/sizes'
import { docOfFile, isPicture, isReadable, openAndReport, reportFailure } from './open'
import { type LeftOut, nodeForPicture, placePictures } from './upload'

/** Take files. `into` is the node that they were let go on, when it shows pictures. */
export async function takeFiles(
  editor: Editor,
  files: readonly File[],
  at: Point,
  into?: NodeId,
): Promise<void> {
  if (files.length === 1 && files[0]) return takeOne(editor, files[0], at, into)
  const found = await Promise.all(files.map(sorted))
  const pictures = files.filter((_, index) => found[index] === 'picture')
  const leftOut: LeftOut[] = []
  const workflows: [File, Doc][] = []
  for (const [index, what] of found.entries()) {
    const file = files[index] as File
    if (typeof what !== 'string') workflows.push([file, what])
    else if (what !== 'picture') leftOut.push({ name: file.name, why: what })
  }
  const [first] = workflows
  if (workflows.length > 1) {
    for (const [{ name }] of workflows)
      leftOut.push({ name, why: 'only one workflow can be opened at a time' })
  } else if (first) {
    const [{ name }, doc] = first
    openAndReport(editor, doc, `the workflow of ${name}`)
    if (pictures.length) at = beside(doc)
  }
  await placePictures(editor, pictures, at, { into, leftOut })
}

/** What a file among others is: a picture, a workflow, or why it is neither. A picture's own workflow is not opened. */
async function sorted(file: File): Promise<'picture' | Doc | string> {
  if (isPicture(file)) return 'picture'
  try {
    return (await docOfFile(file)) ?? 'picture' // its name does not tell
  } catch (error) {
    return inWords(error).message
  }
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

/** A single file may be a workflow or a picture; on a node that shows pictures, any picture counts as a picture. */
async function takeOne(editor: Editor, file: File, at: Point, into?: NodeId): Promise<void> {
  const picture = isPicture(file)
  if (picture && into) return placePictures(editor, [file], at, { into })
  let doc: Doc | null = null
  try {
    doc = await docOfFile(file)
  } catch (error) {
    if (!picture || !(await isReadable(file))) return reportFailure(editor, error, file.name)
    // it is still a picture that can be used as one
    reportFailure(editor, error, `The workflow of ${file.name}`, 'It was taken as a picture.')
  }
  if (doc) openAndReport(editor, doc, `the workflow of ${file.name}`)
  else await placePictures(editor, [file], at, { into })
}

/** Files that were pasted: one picture alone goes into the node that is selected. */
export function pasteFiles(editor: Editor, files: readonly File[], at: Point): Promise<void> {
  return takeFiles(editor, files, at, files.length === 1 ? nodeForPicture(editor) : undefined)
}

/** Explains what to do instead of dropping a folder. */
export function refuseFolders(editor: Editor, names: readonly string[]): void {
  editor.ui.toast(names.length > 1 ? `${names.join(', ')} are folders` : `${names[0]} is a folder`, {
    detail:
      'Drop the pictures that are in it, or put it into the input folder and use “Load Images from Folder”.',
    tone: 'bad',
  })
}
