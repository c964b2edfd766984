/** The shapes that docs/api.md describes, in one place. Nothing here runs. */

export type Json = null | boolean | number | bigint | string | Json[] | { [key: string]: Json }

export interface Problem {
  code: string
  message: string
  node?: string
  node_type?: string
  socket?: string
  expected?: string
  got?: string
  remedy?: string
  /** Where inside the node: the path of a node of its sub-workflow, or of what it put in its place. */
  inner?: string
}

export interface ApiError {
  code: string
  message: string
  remedy?: string
  problems?: Problem[]
  /** Of all, where not all are told. */
  problem_count?: number
}

export interface NumberWidget {
  kind: 'number' | 'slider'
  min: number | null
  max: number | null
  step: number | null
  /** Only multiples of this are taken. */
  multiple_of?: number | null
}
export interface SeedWidget {
  kind: 'seed'
  min: number
  max: number
  step: number
}
export interface TextWidget {
  kind: 'text'
  multiline: boolean
  placeholder: string
}
export interface ToggleWidget {
  kind: 'toggle'
  on: string
  off: string
}
export interface ChoiceWidget {
  kind: 'choice'
  options: string[]
}
export interface FileWidget {
  kind: 'file'
  folder: string
  upload: string
}
export interface SubworkflowWidget {
  kind: 'subworkflow'
}
export type Widget =
  | NumberWidget
  | SeedWidget
  | TextWidget
  | ToggleWidget
  | ChoiceWidget
  | FileWidget
  | SubworkflowWidget

export interface InputType {
  name: string
  type: string
  title: string
  tooltip: string
  optional: boolean
  advanced: boolean
  accepts: string[]
  default?: Json
  widget?: Widget
  /** Worked out only when the node asks for it. */
  lazy?: boolean
  /** Takes a list: a stream, or a list of one. */
  collects?: boolean
  /** Sockets of a node with the same name here carry the same type: the one that flows in. */
  generic?: string
}

export interface OutputType {
  name: string
  /** Of an output of a sub-workflow; those of nodes are shown by their names. */
  title?: string
  type: string
  tooltip: string
  /** A stream: what is below runs once for each item. */
  each?: boolean
  /** All items at once, as a list. */
  is_list?: boolean
  generic?: string
}

export interface NodeType {
  id: string
  title: string
  category: string
  help: string
  inputs: InputType[]
  outputs: OutputType[]
  version: number
  side_effect: boolean
  lane: string
  module: string
  aliases: string[]
  experimental: boolean
  deprecated: boolean
}

/** How loading a node pack went; `error` is empty when it went well. */
export interface PackInfo {
  name: string
  node_ids: string[]
  error: string
  details: string
  cause: string
  /** Where it went wrong, as seen from the folder of the packs. */
  file: string
  line: number
  /** Nodes that are not here because of it. */
  missing: string[]
  /** Why single nodes are left out. */
  refused: string[]
  /** What the pack had replaced in the program; that was put back. */
  changed: string[]
}

export interface Catalogue {
  nodes: NodeType[]
  packs: PackInfo[]
}

export interface WorkerInfo {
  state: 'starting' | 'ready' | 'running' | 'stopped'
  message: string
  since: number
  device: string
  last_failure: null | { cause: string; message: string; node: string; run: string; at: number }
}

export interface Artifact {
  folder: string
  name: string
  media: string
  url: string
  thumbnail: string
  /** Of a stream: which item showed it. */
  item?: number[]
}

export interface Output extends Artifact {
  id: number | string
  run: string
  node: string
  width: number
  height: number
  bytes: number
  created: number
}

export type RunStatus = 'queued' | 'running' | 'finished' | 'failed' | 'cancelled' | 'refused'

export interface RunInfo {
  id: string
  status: RunStatus
  title: string
  position: number | null
  attempt: number
  created: number
  started: number | null
  finished: number | null
  seconds: number | null
  client: string | null
  targets: string[] | null
  node_count: number
  problems: Problem[]
  /** Of all, where not all are told. */
  problem_count?: number
  artifacts: Record<string, Artifact[]>
  cancelling?: boolean
  /** Only saving is left; the next run is at work beside it. */
  draining?: boolean
  failures?: { cause: string; message: string; node: string; at: number; attempt: number }[]
}

export type NodePhase = 'waiting' | 'running' | 'finished' | 'reused' | 'failed' | 'skipped' | 'cancelled'

export interface NodeState {
  state: NodePhase
  value?: number | null
  maximum?: number | null
  seconds?: number | null
  problem?: Problem | null
  /** Of a stream: the newest ones, the newest last. */
  artifacts?: Artifact[] | null
  /** Of a stream: how many items are done, how many of these were remembered, how many failed, and the first problems. */
  items?: number
  items_reused?: number
  items_failed?: number
  problems?: ItemProblem[]
  warnings?: NodeWarning[]
  /** How many are not listed. */
  more_warnings?: number
}

/** A node did its work, and a person should know something about what came of it. */
export interface NodeWarning {
  message: string
  /** Of a stream: the first item that it was said of, and of how many. */
  item?: number[]
  times?: number
}

export interface ItemProblem {
  item: number[]
  problem: Problem
}

/** Why a node was called. `source` is the node that an input came from. */
export interface Reason {
  code: string
  message: string
  inputs?: { name: string; was: string; now: string; source: string }[]
}

export type RunEvent = { run: string; number: number; at?: number } & (
  | { event: 'run_started'; targets: string[]; to_run: string[]; reused: string[]; blocked: string[] }
  | { event: 'node_started'; node: string; reason?: Reason | null }
  | { event: 'node_progressed'; node: string; value: number; maximum: number }
  | { event: 'node_finished'; node: string; seconds: number; artifacts: Artifact[] }
  | { event: 'node_reused'; node: string; artifacts: Artifact[]; how?: string }
  | { event: 'item_finished'; node: string; item: number[]; artifacts?: Artifact[]; reused?: boolean }
  | { event: 'items_finished'; node: string; items: number; reused: number }
  | { event: 'item_failed'; node: string; item: number[]; problem: Problem }
  | { event: 'node_failed'; node: string; problem: Problem; traceback: string }
  | { event: 'node_warned'; node: string; warnings: NodeWarning[]; more: number }
  | { event: 'node_skipped'; node: string; because: string }
  | { event: 'node_cancelled'; node: string }
  | { event: 'run_finished'; status: string; seconds: number }
)

export interface RunDetail {
  run: RunInfo
  nodes: Record<string, NodeState>
}

/** What a person should know about the installation: a disk that is full, a file that was damaged. */
export interface Notice {
  code: string
  message: string
  at: number
}

export type ServerMessage =
  | { type: 'resume'; epoch: string; seq: number }
  | {
      type: 'snapshot'
      epoch: string
      seq: number
      worker: WorkerInfo
      queue: RunInfo[]
      /** The run that was begun last. */
      running: RunDetail | null
      /** Those before it that still save. */
      draining?: RunDetail[]
      recent: RunInfo[]
      notices?: Notice[]
    }
  | { type: 'notices'; seq: number; notices: Notice[] }
  | { type: 'events'; seq: number; run: string; events: RunEvent[] }
  | { type: 'run'; seq: number; run: RunInfo }
  | { type: 'run_removed'; seq: number; id: string }
  | { type: 'queue'; seq: number; order: string[] }
  | { type: 'worker'; seq: number; worker: WorkerInfo }
  | { type: 'output'; seq: number; output: Output }
  | { type: 'choices'; seq: number; folder: string }
  | { type: 'node_types'; seq: number; etag: string }

export interface PreviewFrame {
  run: string
  node: string
  seq: number
  picture: Blob
}

export interface TemplateInfo {
  name: string
  title: string
  description: string
  node_types: string[]
  thumbnail: string | null
}

export interface SavedWorkflow {
  path: string
  title: string
  modified: number
  bytes: number
}

export interface SystemInfo {
  name: string
  version: string
  versions: Record<string, string>
  epoch: string
  worker: WorkerInfo
  folders: string[]
}
