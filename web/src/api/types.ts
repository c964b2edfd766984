/** The shapes of what the server says and takes. From `server/shapes`, by `make types`. */

export type Json = null | boolean | number | bigint | string | Json[] | { [key: string]: Json }

/** Why a request is refused. */
export interface ApiError {
  /** Stable, for programs. */
  code: string
  message: string
  remedy: string
  problems: Problem[]
  /** Number of all problems; not all may be listed. */
  problem_count: number
}

/** A file that a node made. Addresses are relative to the root of the server. */
export interface Artifact {
  folder: string
  name: string
  media: string
  url: string
  /** Only for pictures. */
  thumbnail: string | null
  /** A short text that says what it shows. */
  label?: string
  /** The item of a stream that made it. */
  item?: number[]
}

/** All node types, and the reports about packs. */
export interface Catalogue {
  nodes: NodeType[]
  packs: PackInfo[]
  /** A description of each socket type. */
  sockets: Record<string, string>
}

export interface ChoiceWidget {
  kind: 'choice'
  options: string[]
}

/** The choices of a file input of a folder. */
export interface Choices {
  folder: string
  names: string[]
  left_out: LeftOut[]
}

/** The choices of a file input of a folder changed. */
export interface ChoicesChanged {
  type: 'choices'
  seq: number
  folder: string
}

/** The body of every answer that is an error. */
export interface ErrorAnswer {
  error: ApiError
}

/** A page of the stored events of a run. */
export interface Events {
  events: RunEvent[]
  next: number | null
}

/** Events of a run, in order. */
export interface EventsHappened {
  type: 'events'
  seq: number
  run: string
  events: RunEvent[]
}

/** The death of a worker: the cause, and the node that was being called. */
export interface Failure {
  cause: string
  message: string
  node: string
  run: string
  at: number
  /** The end of its standard error. */
  details: string
  /** The attempt of the run that it ended. */
  attempt?: number
}

export interface FileWidget {
  kind: 'file'
  folder: string
  upload: string
  fits?: string[]
  none?: string
}

/** The first message of a client, also sent when it missed messages: it has the last number that the client saw. */
export interface Hello {
  type: 'hello'
  protocol: number
  epoch?: string | null
  seq?: number
}

/** What an inner node did, and why. */
export interface InnerExplanation {
  node: string
  type: string
  did: NodeOutcome
  seconds?: number
  /** Why the node was called. */
  reason?: Reason
  /** How its result was reused. */
  how?: string
  /** The node that prevented it from running. */
  because?: string
  problem?: Problem
  items?: number
  items_reused?: number
  items_failed?: number
  warnings?: NodeWarning[]
  more_warnings?: number
}

/** An input that differs from that of the previous call. */
export interface InputChange {
  name: string
  was: string
  now: string
  /** The node that gave it, if one did. */
  source: string
}

/** An input of a node type. */
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
  /** Computed only if the node requests it. */
  lazy?: boolean
  /** Takes a list: the items of a stream, or a list of one value. */
  collects?: boolean
  /** Sockets of a node with the same name here have the same type: that of the connected input. */
  generic?: string
}

export interface ItemFailed {
  event: 'item_failed'
  run: string
  number: number
  node: string
  item: number[]
  problem: Problem
  traceback?: string
  at: number
}

export interface ItemFinished {
  event: 'item_finished'
  run: string
  number: number
  node: string
  item: number[]
  seconds: number
  artifacts?: Artifact[]
  reused?: boolean
  keys?: string[]
  at: number
}

/** An item of a stream that failed. */
export interface ItemProblem {
  item: number[]
  problem: Problem
}

/** Items of a stream without artifacts: one stored record for many. */
export interface ItemsFinished {
  event: 'items_finished'
  run: string
  number: number
  node: string
  items: number
  reused: number
  seconds: number
  at: number | null
}

/** A file of a folder that cannot be used, and why. */
export interface LeftOut {
  name: string
  reason: string
}

/** One model file. */
export interface ModelAnswer {
  model: ModelInfo
}

/** A family that models may be of. */
export interface ModelFamily {
  id: string
  name: string
  variants: Record<string, string>
  usable: boolean
}

/** A folder kind of models. */
export interface ModelFolder {
  kind: string
  /** Where files of this kind go. */
  place: string
  /** What they are, for persons; empty for folders that no node reads yet. */
  holds: string
}

/** A model file, or a folder that is one model. */
export interface ModelInfo {
  folder: string
  name: string
  bytes: number
  /** Empty until its header was read. */
  kind: string
  family: string
  variant: string
  /** What it is, for persons: Flux.1 schnell. */
  what: string
  precision: string
  format: string
  /** What is inside, by roles: denoiser, vae, clip_l. */
  parts: string[]
  needs: ModelNeed[]
  licence: ModelLicence | null
  /** Why it cannot be used; empty if it can. */
  problem: string
  remedy: string
  /** The folder that nodes look for it in, where it lies in another one. */
  belongs: string
  /** It comes with Jacquard. */
  bundled: boolean
  /** What a person set against what it looks like. */
  override: Record<string, string>
}

/** A file of a model folder that cannot be looked at, and why. */
export interface ModelLeftOut {
  folder: string
  name: string
  reason: string
}

/** The terms of the original weights, with the page that says so. */
export interface ModelLicence {
  name: string
  source: string
  /** What to know before using pictures; empty where there is nothing. */
  limits: string
}

/** What a model needs beside itself. */
export interface ModelNeed {
  kind: string
  role: string
  /** What such files are usually called, without suffix. */
  names: string[]
  /** The files here that fit, as folder/name. */
  there: string[]
}

/** What a model file is, against what it looks like; empty fields count as it looks, all empty ones forget it. */
export interface ModelOverride {
  folder: string
  name: string
  kind?: string
  family?: string
  /** Of the family that is given with it; empty for the plain one. */
  variant?: string
}

/** How many headers were read, of how many new files. */
export interface ModelReading {
  read: number
  of: number
}

/** The model files of an installation. */
export interface Models {
  reading: ModelReading
  folders: ModelFolder[]
  /** The kinds of files by id, with their names for persons. */
  kinds: Record<string, string>
  families: ModelFamily[]
  models: ModelInfo[]
  left_out: ModelLeftOut[]
  /** What is wrong with the settings of folders. */
  problems: string[]
}

/** A request to move a queued run. */
export interface Move {
  position: number
}

export interface NodeCancelled {
  event: 'node_cancelled'
  run: string
  number: number
  node: string
  at: number
}

/** What a node did, and why. */
export interface NodeExplanation {
  node: string
  type: string
  did: NodeOutcome
  seconds?: number
  /** Why the node was called. */
  reason?: Reason
  /** How its result was reused. */
  how?: string
  /** The node that prevented it from running. */
  because?: string
  problem?: Problem
  items?: number
  items_reused?: number
  items_failed?: number
  warnings?: NodeWarning[]
  more_warnings?: number
  inner_count?: number
  /** The first inner nodes. */
  inner?: InnerExplanation[]
}

export interface NodeFailed {
  event: 'node_failed'
  run: string
  number: number
  node: string
  problem: Problem
  traceback?: string
  at: number
}

export interface NodeFinished {
  event: 'node_finished'
  run: string
  number: number
  node: string
  seconds: number
  artifacts?: Artifact[]
  keys?: string[]
  at: number
}

export type NodeOutcome = 'cancelled' | 'failed' | 'ran' | 'reused' | 'running' | 'skipped' | 'waiting'

export type NodePhase = 'cancelled' | 'failed' | 'finished' | 'reused' | 'running' | 'skipped' | 'waiting'

export interface NodeProgressed {
  event: 'node_progressed'
  run: string
  number: number
  node: string
  value: number
  maximum: number
  at: number
}

export interface NodeReused {
  event: 'node_reused'
  run: string
  number: number
  node: string
  artifacts?: Artifact[]
  how?: string
  at: number
}

export interface NodeSkipped {
  event: 'node_skipped'
  run: string
  number: number
  node: string
  because: string
  at: number
}

export interface NodeStarted {
  event: 'node_started'
  run: string
  number: number
  node: string
  reason?: Reason | null
  at: number
}

/** The state of a node of a run. */
export interface NodeState {
  state: NodePhase
  value?: number
  maximum?: number
  seconds?: number
  problem?: Problem
  /** Of a stream the newest ones, the newest last. */
  artifacts?: Artifact[]
  artifact_count?: number
  /** Number of finished items of a stream. */
  items?: number
  items_reused?: number
  items_failed?: number
  /** The first problems of items of a stream. */
  problems?: ItemProblem[]
  warnings?: NodeWarning[]
  /** Number of warnings that are not listed. */
  more_warnings?: number
}

/** A node type. */
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
  is_async?: boolean
  module: string
  aliases: string[]
  experimental: boolean
  deprecated: boolean
  writes?: string
  hands_on?: string
}

/** The list of node types changed. */
export interface NodeTypesChanged {
  type: 'node_types'
  seq: number
  etag: string
}

export interface NodeWarned {
  event: 'node_warned'
  run: string
  number: number
  node: string
  warnings: NodeWarning[]
  more?: number
  at: number
}

export interface NodeWarning {
  message: string
  times?: number
  item?: number[]
}

/** A notice about the installation: a full disk, a damaged file. */
export interface Notice {
  code: string
  message: string
  at: number
}

/** All present notices. */
export interface NoticesChanged {
  type: 'notices'
  seq: number
  notices: Notice[]
}

export interface NumberWidget {
  kind: 'number'
  min: number | null
  max: number | null
  step: number | null
  multiple_of?: number | null
}

/** A file of the output folder, and the run that made it. */
export interface Output {
  id: number
  run: string
  node: string
  folder: string
  name: string
  media: string
  url: string
  /** Only for pictures. */
  thumbnail: string | null
  /** The item of a stream that made it. */
  item?: number[]
  width: number | null
  height: number | null
  bytes: number
  created: number
}

/** A picture was added to the list of outputs. */
export interface OutputMade {
  type: 'output'
  seq: number
  output: Output
}

/** An output of a node type. */
export interface OutputType {
  name: string
  type: string
  tooltip: string
  /** A stream: nodes below run once for each item. */
  each?: boolean
  /** All items at once, as a list. */
  is_list?: boolean
  /** As in an input. */
  generic?: string
}

/** A page of outputs, newest first. */
export interface Outputs {
  outputs: Output[]
  next: number | null
}

/** The report about a node pack; `error` is empty if it was loaded. */
export interface PackInfo {
  name: string
  node_ids: string[]
  error: string
  details: string
  cause: string
  /** The place of the error, relative to the folder of the packs. */
  file: string
  line: number
  /** Nodes that are missing because of it. */
  missing: string[]
  /** Why single nodes are left out. */
  refused: string[]
  /** What the pack had replaced in the program; it was restored. */
  changed: string[]
}

/** The head of a binary message; a picture follows. `seq` is the number of the last message before it. */
export interface Preview {
  type: 'preview'
  run: string
  node: string
  seq: number
  media: string
}

export interface Problem {
  code: string
  message: string
  node?: string
  node_type?: string
  socket?: string
  expected?: string
  got?: string
  remedy?: string
  inner?: string
  inner_type?: string
}

/** The order of the queue changed. */
export interface QueueChanged {
  type: 'queue'
  seq: number
  order: string[]
}

export interface Reason {
  code: string
  message: string
  inputs?: InputChange[]
}

/** The answer to a hello whose number is recent: all messages after `seq` follow. */
export interface Resume {
  type: 'resume'
  epoch: string
  seq: number
}

/** The present state of a run. */
export interface RunAnswer {
  run: RunInfo
}

/** A run was added or changed. */
export interface RunChanged {
  type: 'run'
  seq: number
  run: RunInfo
}

/** A run, and the states of its nodes. */
export interface RunDetail {
  run: RunInfo
  nodes: Record<string, NodeState>
  /** The document, if it was requested. */
  workflow?: WorkflowDocument
}

export interface RunDraining {
  event: 'run_draining'
  run: string
  number: number
  at: number
}

export type RunEvent =
  | RunStarted
  | NodeStarted
  | NodeProgressed
  | NodeFinished
  | NodeReused
  | NodeWarned
  | NodeFailed
  | ItemFinished
  | ItemFailed
  | NodeSkipped
  | NodeCancelled
  | RunDraining
  | RunFinished
  | ItemsFinished

/** A page of the nodes of a run, and what each did. */
export interface RunExplanation {
  run: string
  status: RunStatus
  /** Whether the run began and its events are still stored. */
  known: boolean
  seconds: number | null
  node_count: number
  totals: Partial<Record<NodeOutcome, number>>
  nodes: NodeExplanation[]
  next: number | null
}

export interface RunFinished {
  event: 'run_finished'
  run: string
  number: number
  status: string
  seconds: number
  at: number
}

/** The run that was deleted. */
export interface RunForgotten {
  id: string
}

/** A run. */
export interface RunInfo {
  id: string
  status: RunStatus
  title: string
  /** The place of a queued run in the queue. */
  position: number | null
  attempt: number
  created: number
  started: number | null
  finished: number | null
  seconds: number | null
  client: string
  targets: string[] | null
  node_count: number
  problems: Problem[]
  failures: Failure[]
  /** Number of all; not all may be listed. */
  problem_count: number
  warnings: Record<string, NodeWarning[]>
  warning_count: number
  /** The newest ones of each node, the newest last. */
  artifacts: Record<string, Artifact[]>
  artifact_counts: Record<string, number>
  cancelling: boolean
  /** Only saving is left; the next run works beside it. */
  draining: boolean
}

/** A run was deleted. */
export interface RunRemoved {
  type: 'run_removed'
  seq: number
  id: string
}

export interface RunStarted {
  event: 'run_started'
  run: string
  number: number
  targets: string[]
  to_run: string[]
  reused: string[]
  blocked: string[]
  at: number
}

export type RunStatus = 'cancelled' | 'failed' | 'finished' | 'queued' | 'refused' | 'running'

/** A page of runs. */
export interface Runs {
  runs: RunInfo[]
  next: string | null
}

/** A saved workflow in the list of all. */
export interface SavedWorkflow {
  path: string
  title: string
  modified: number
  bytes: number
}

export interface SeedWidget {
  kind: 'seed'
  min: number
  max: number
  step: number
}

export type ServerMessage =
  | Resume
  | Snapshot
  | NoticesChanged
  | EventsHappened
  | RunChanged
  | RunRemoved
  | QueueChanged
  | WorkerChanged
  | OutputMade
  | ChoicesChanged
  | NodeTypesChanged

export interface SliderWidget {
  kind: 'slider'
  min: number | null
  max: number | null
  step: number | null
  multiple_of?: number | null
}

/** The answer to any other hello: the present state. */
export interface Snapshot {
  type: 'snapshot'
  epoch: string
  seq: number
  worker: WorkerInfo
  notices: Notice[]
  queue: RunInfo[]
  /** The run that started last. */
  running: RunDetail | null
  /** Earlier runs that still save. */
  draining: RunDetail[]
  recent: RunInfo[]
}

/** A request to run a workflow. */
export interface Submission {
  workflow: WorkflowDocument
  /** The nodes to run, with all that they need; all nodes if it is left out. */
  targets?: string[] | null
  /** Whether seeds that are not fixed advance. */
  advance_seeds?: boolean
  client?: string
  /** Identifies this request: sent again with the same key, it starts no other run. */
  key?: string
}

/** The run that a request submitted. */
export interface Submitted {
  run: RunInfo
  /** The advanced seeds: `node.input` -> new value; inside a sub-workflow `@id/node.input`. */
  changed: Record<string, Json>
}

export interface SubworkflowWidget {
  kind: 'subworkflow'
}

/** Versions, worker and folders. */
export interface SystemInfo {
  name: string
  version: string
  versions: Record<string, string>
  epoch: string
  worker: WorkerInfo
  folders: string[]
}

/** An example workflow. */
export interface TemplateInfo {
  name: string
  title: string
  description: string
  node_types: string[]
  thumbnail: string | null
  needs: TemplateNeed[]
}

/** A model file that an example needs and that does not come with Jacquard. */
export interface TemplateNeed {
  /** For persons: checkpoint of Stable Diffusion XL. */
  what: string
  /** The folder that it goes into. */
  place: string
  /** What such files are usually called. */
  such_as: string[]
  /** The files there that would do, the first of which is chosen when the example is opened. */
  there: string[]
}

/** The example workflows. */
export interface Templates {
  templates: TemplateInfo[]
}

export interface TextWidget {
  kind: 'text'
  multiline: boolean
  placeholder: string
  file_name?: boolean
  words?: string[]
}

export interface ToggleWidget {
  kind: 'toggle'
  on: string
  off: string
}

/** A picture to store in the input folder. */
export interface Upload {
  file: string
  subfolder?: string
}

/** The name of an upload in the input folder. */
export interface Uploaded {
  name: string
}

export type Widget =
  | NumberWidget
  | SliderWidget
  | SeedWidget
  | TextWidget
  | ToggleWidget
  | ChoiceWidget
  | FileWidget
  | SubworkflowWidget

/** The present state of the worker. */
export interface WorkerAnswer {
  worker: WorkerInfo
}

/** The state of the worker changed. */
export interface WorkerChanged {
  type: 'worker'
  seq: number
  worker: WorkerInfo
}

/** The process that runs workflows. */
export interface WorkerInfo {
  state: WorkerPhase
  message: string
  since: number
  device: string
  last_failure: Failure | null
}

export type WorkerPhase = 'ready' | 'running' | 'starting' | 'stopped'

/** A workflow that was moved to its versions. */
export interface WorkflowDeleted {
  path: string
}

/** The document of a workflow; docs/workflow-format.md describes its other fields. */
export interface WorkflowDocument {
  jacquard: number
  nodes?: Record<string, Json>
}

export type WorkflowOpened = WorkflowDocument | WorkflowVersions

/** A workflow that was saved. */
export interface WorkflowSaved {
  path: string
  /** Identifies this version: send it as `If-Match` with the next save. */
  etag: string
  modified: number
}

/** An earlier version of a saved workflow. */
export interface WorkflowVersion {
  id: string
  modified: number
  bytes: number
}

/** The earlier versions of a saved workflow, newest first. */
export interface WorkflowVersions {
  versions: WorkflowVersion[]
}

/** All saved workflows, and the files that are left out. */
export interface Workflows {
  workflows: SavedWorkflow[]
  left_out: LeftOut[]
}
