"""What has to run for some nodes, and what need not. Demand-driven from what is wanted.

A node has to run when a wanted value is not cached; then what feeds it has to run in turn. Nothing above a cached
result is looked at, so a workflow of which everything is cached costs one look-up a target. Lazy inputs are not needed
before a body requests them; until then their nodes lie idle, and what these might read is held.

A value is held while a task that runs or lies idle may read it. A cached result whose values are gone counts as cached
until somebody needs the values: only then its node is taken up again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from graph.building.calls import Edge
from graph.building.stream_groups import StreamGroup
from graph.planning.call_stages import READY, Stopped
from graph.planning.lookup import Memory
from graph.planning.tasks import CallTask, Frame, Stream
from graph.results.result import Key
from graph.scheduling.lanes import State

Source = CallTask | Stream


@dataclass(slots=True)
class Demand:
    """What must run so that the requested values exist."""

    to_run: list[Source] = field(default_factory=list)
    unrunnable: list[Source] = field(default_factory=list)
    """Those that need something that has stopped already."""

    @property
    def ready(self) -> list[Source]:
        """Those that wait for nothing."""
        return [task for task in self.to_run if task.waiting == 0]


@dataclass(slots=True)
class FrameTasks:
    """The tasks of one frame."""

    calls: dict[str, CallTask] = field(default_factory=dict)
    """Node -> its call. Equal nodes share one."""
    by_key: dict[Key, CallTask] = field(default_factory=dict)
    streams: dict[StreamGroup, list[Stream]] = field(default_factory=dict)
    """Streams that come from nodes of the frame; one that is wanted again when it is under way begins anew."""


class Planner:
    """Lays out the tasks of a run, and holds them. What changes them is called in a change of the run's schedule."""

    def __init__(self, memory: Memory) -> None:
        self.memory = memory
        self.tasks: defaultdict[Frame, FrameTasks] = defaultdict(FrameTasks)
        self.items: defaultdict[Stream, dict[int, Frame]] = defaultdict(dict)
        """Stream -> its items that are under way, by number."""
        self.instances: dict[CallTask, Frame] = {}
        """Call -> the frame of the graph that runs in its place."""

    def lay_out(self, frame: Frame, wanted: Iterable[str]) -> Demand:
        """What has to run for the values of some nodes of a frame; the caller reads them once."""
        tasks = [self.task(frame, node_id) for node_id in wanted]
        for task in tasks:
            task.refs += 1
        return self.demand(tasks)

    def lay_out_all(self, frame: Frame, targets: Iterable[str]) -> tuple[Demand, list[Source]]:
        """What has to run for all targets of a frame's graph, those inside streams too; and what brings each."""
        scopes = frame.region.scopes
        sources: list[Source] = []
        for node_id in targets:
            group = scopes.stream_of(node_id)
            if group is None:
                source: Source = self.task(frame, node_id)
            else:
                while group.parent is not None:
                    group = group.parent
                source = self.stream(frame, group)
            source.refs += 1
            sources.append(source)
        for source in dict.fromkeys(sources):  # many targets may be in one stream
            if isinstance(source, Stream):
                self._want_targets(source, frame)
        return self.demand(sources), sources

    def _want_targets(self, stream: Stream, frame: Frame) -> None:
        """Targets inside a stream are wanted for what they do, and those with outputs for their values, too."""
        for node_id in stream.group.targets:
            for index in range(len(frame.region.graph.calls[node_id].type.outputs)):
                stream.collected.setdefault((node_id, index), [])

    def demand(self, tasks: Iterable[Source]) -> Demand:
        """What has to run for some tasks that are new or idle."""
        demand = Demand()
        strong: list[Source] = list(tasks)[::-1]
        weak: list[Source] = []
        recall = self.memory.recall
        while strong:
            task = strong.pop()
            if task.state > State.IDLE:
                continue
            was_idle = task.state is State.IDLE
            if isinstance(task, CallTask) and recall(task):
                task.state = State.DONE
                for reader in task.readers:
                    reader.waiting -= 1
                task.readers = []
                if was_idle:
                    self.release(task)
                continue
            task.state = State.WAITING
            demand.to_run.append(task)
            task.frame.open += 1
            task.holding = True
            below = len(strong)
            for source, is_lazy in self.sources(task):
                if not was_idle:
                    source.refs += 1
                state = source.state
                if is_lazy:
                    weak.append(source)
                elif state is State.STOPPED:
                    demand.unrunnable.append(task)
                elif state is not State.DONE:
                    source.readers.append(task)
                    task.waiting += 1
                    if state <= State.IDLE:
                        strong.append(source)
            if len(strong) - below > 1:
                strong[below:] = reversed(strong[below:])  # so that what feeds the first input is looked at first
        self._hold(weak)
        return demand

    def stopped_by(self, task: Source) -> tuple[str, int]:
        """The node because of which a task cannot run, and inside of how many streams that lies which stopped it."""
        stopped = next(source for source, _ in self.sources(task) if source.state is State.STOPPED)
        return cause_of(stopped)

    def take_up_again(self, task: CallTask) -> None:
        """A cached result has lost its values: its node is to be called after all."""
        task.lost = True
        task.let_go()
        task.stage = READY
        task.state = State.NEW

    def release(self, task: Source) -> None:
        """A task has read its inputs, or never will: let go of what nobody else may read."""
        pending = [task]
        while pending:
            reader = pending.pop()
            if not reader.holding:
                continue
            reader.holding = False
            for source, _ in self.sources(reader):
                source.refs -= 1
                if source.refs == 0:
                    source.let_go()
                    if source.state is State.IDLE:
                        source.state = State.NEW
                        pending.append(source)

    def forget(self, frame: Frame) -> None:
        """Nothing in a frame is under way, and nobody looks for its tasks any more."""
        self.tasks.pop(frame, None)

    def take_out(self, task: CallTask) -> Frame:
        """The graph in the place of a call is done and read: let go of its calls."""
        frame = self.instances.pop(task)
        calls = self.tasks[frame].calls
        for target in frame.region.graph.targets:
            if target in calls:
                calls[target].let_go()
        self.forget(frame)
        return frame

    def sources(self, task: Source) -> Sequence[tuple[Source, bool]]:
        """What a task reads, once for each edge, and whether only when it asks for it."""
        if isinstance(task, CallTask):
            lazies, find = task.call.type.lazies, self.source
            found: list[tuple[Source, bool]] = []
            for name, edge in task.call.edges.items():
                found.append((find(task, name, edge), name in lazies))
            return found
        found = [(source, False) for source in task.sources]
        for node_id, output, group in task.group.outer:
            if group is None:
                found.append((self.task(task.frame.home(node_id), node_id), True))
            else:
                found.append((self.stream(task.frame, group, (node_id, output)), True))
        return found

    def source(self, task: CallTask, name: str, edge: Edge) -> Source:
        """What brings the value of one input."""
        frame = task.frame
        if frame.is_plain:
            return self.tasks[frame].calls.get(edge.node) or self.task(frame, edge.node)
        if frame.region.scopes.collecting:
            group = frame.region.scopes.collecting.get((task.call.id, name))
            if group is not None:
                return self.stream(frame, group, (edge.node, edge.output), lazily=name in task.call.type.lazies)
        return self.task(frame if frame.group is None else frame.home(edge.node), edge.node)

    def task(self, frame: Frame, node_id: str) -> CallTask:
        """The call of a node; equal nodes share one."""
        tasks = self.tasks[frame]
        task = tasks.calls.get(node_id)
        if task is None:
            key = frame.keys[node_id]
            task = tasks.by_key.get(key)
            if task is None:
                task = tasks.by_key[key] = CallTask(node_id, frame.region.graph.calls[node_id], frame, key)
            else:
                task.also += (node_id,)
            tasks.calls[node_id] = task
        return task

    def calls(self, frame: Frame) -> list[CallTask]:
        """The calls that have been laid out in a frame, each once."""
        return list(dict.fromkeys(self.tasks[frame].calls.values()))

    def stream(
        self, frame: Frame, group: StreamGroup, want: tuple[str, int] | None = None, *, lazily: bool = False
    ) -> Stream:
        """The items of a group as a frame sees it, those that are the targets' own; with `want`, one that collects this
        output of a member.

        What is wanted lazily is collected by a stream of its own, unless somebody else collects it anyway: it may never
        be asked for.
        """
        at = frame
        while at.group is not group.parent:
            assert at.parent is not None  # noqa: S101 - a group lies in the group that is its parent
            at = at.parent
        streams = self.tasks[at].streams.setdefault(group, [])
        for stream in streams:
            if want in stream.collected if want is not None else not stream.aside:
                stream.aside = stream.aside and lazily
                stream.effects = stream.effects or want is None
                return stream
        shared = [] if lazily else [stream for stream in streams if not stream.aside][-1:]
        if not shared or shared[0].index or shared[0].state > State.WAITING:
            shared = [_begin(group, at)]
            shared[0].aside = lazily
            streams.append(shared[0])
        if want is None:
            shared[0].effects = True
        else:
            shared[0].collected[want] = []
        return shared[0]

    def _hold(self, weak: list[Source]) -> None:
        """Take note of what may be read if somebody asks for it."""
        while weak:
            task = weak.pop()
            if task.state is State.NEW:
                task.state = State.IDLE
                task.holding = True
                for source, _ in self.sources(task):
                    source.refs += 1
                    weak.append(source)


def _begin(group: StreamGroup, at: Frame) -> Stream:
    calls = at.region.graph.calls
    sources = [CallTask(node_id, calls[node_id], at, at.key_of(node_id)) for node_id in group.sources]
    for source in sources:
        source.lost = True  # a stream is not cached: its items are
    return Stream(group, at, sources)


def cause_of(stopped: Source) -> tuple[str, int]:
    """The node because of which a task has stopped, and inside of how many streams that lies."""
    if isinstance(stopped, Stream):
        return stopped.broken, stopped.depth
    stage = stopped.stage
    return stopped.id, stage.depth if type(stage) is Stopped else len(stopped.frame.path)
