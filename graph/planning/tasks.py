"""What a run is made of: cells (one call at work), frames (the cells of one graph, or of one item), streams."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from graph.building.calls import Call, Graph
from graph.building.stream_groups import StreamGroup, StreamGroups
from graph.node_types.context import Artifact
from graph.node_types.warnings import NO_WARNINGS, NodeWarnings, WarningCollector
from graph.planning.loop_order import NO_LOOP_ORDER, LoopOrder
from graph.results.result import Fingerprint, Key, Result
from graph.scheduling.lanes import Task


@dataclass(slots=True)
class GraphInstance:
    """A graph that runs as one: that of the workflow, or one that a node returned to run in its place."""

    graph: Graph
    scopes: StreamGroups
    depth: int = 0
    order: tuple[str, ...] = ()
    """The nodes that run in the place of another, in the order in which it put them there."""
    rows: LoopOrder = NO_LOOP_ORDER


@dataclass(slots=True)
class Extra:
    """What few cells have."""

    asked: list[tuple[str, ...]] = field(default_factory=list)
    """The lazy inputs that the body asked for, question by question."""
    inner: Frame | None = None
    """The graph that runs in this cell's place ..."""
    outputs: tuple[Any, ...] = ()
    """... and for each output of the node where it comes from: a reference into that graph, or a `Given`."""
    adopted: Result | None = None
    """The result of an equal call that was at work already."""
    returned: Callable[[], Any] | None = None
    """Gives what an async body returned, or raises what it raised."""
    make: Callable[[], Any] | None = None
    """What is called instead of the node's function: makes one item of a stream."""
    due: Any = None
    """What is left to be done in its turn."""
    follows: bool = False
    """An equal call is at work, and this one waits for it."""
    expected: Result | None = None
    """What is remembered, to be compared with what the node returns."""
    lost: bool = False
    """A result is remembered, but its values are gone."""
    artifacts: tuple[Artifact, ...] = ()
    began: float = 0.0
    """When the node was called first, by `time.perf_counter`."""
    arrival: Any = None
    """What an async body was called with."""
    blocked: bool = False
    """It was not called, because its branch was stopped quietly."""
    depth: int = 0
    """Once it is stopped: inside of how many streams that lies which stopped it."""
    warnings: WarningCollector | None = None
    """What the node has warned of, in all of its calls."""


class CallTask(Task):
    """A call at work. `values` is held by the run as long as somebody may read it; `refs` counts who may."""

    __slots__ = (
        "also",
        "call",
        "extra",
        "frame",
        "holding",
        "id",
        "key",
        "leads",
        "refs",
        "result",
        "unkeyed",
        "values",
    )

    def __init__(self, node_id: str, call: Call, frame: Frame, key: Key) -> None:
        super().__init__(call.type.lane)
        self.id = node_id
        self.call = call
        self.frame = frame
        self.key = key
        self.refs = 0
        self.result: Result | None = None
        self.values: tuple[Any, ...] | None = None
        self.also: tuple[str, ...] = ()
        """Equal nodes, which share this cell."""
        self.extra: Extra | None = None
        self.leads: tuple[Key, ...] = ()
        """Calls with one of these keys, of this run or another, wait for this one."""
        self.unkeyed = False
        """Its result does not follow from its deep key: it has to do with something that its recipe does not tell."""
        self.holding = False
        """What feeds it is held for it, until it has read it or never will."""

    def more(self) -> Extra:
        """The rarely needed part, made when it is not there."""
        if self.extra is None:
            self.extra = Extra()
        return self.extra

    @property
    def warned(self) -> NodeWarnings:
        """What the node has warned of in this run."""
        warnings = self.extra.warnings if self.extra is not None else None
        return warnings.taken() if warnings is not None else NO_WARNINGS

    def let_go(self) -> None:
        """Nobody reads this cell any more."""
        self.values = self.result = None


Collected = list[tuple[int, Any, Fingerprint | None]]
"""Item number, value and mark, in the order in which the items were done."""


class Stream(Task):
    """The items of a group of streams, from the sources in one frame. At work, it makes the frames of further items."""

    __slots__ = (
        "aside",
        "blocked",
        "broken",
        "collected",
        "depth",
        "effects",
        "frame",
        "frames",
        "group",
        "holding",
        "index",
        "iterators",
        "keep_going",
        "over",
        "parked",
        "refs",
        "sources",
        "total",
        "unkeyed",
    )  # fmt: skip

    def __init__(self, group: StreamGroup, frame: Frame, sources: list[CallTask]) -> None:
        super().__init__(sources[0].lane)
        self.group = group
        self.frame = frame
        self.sources = sources
        self.refs = 0
        self.iterators: list[Iterator[Any]] = []
        self.collected: dict[tuple[str, int], Collected] = {}
        """(node, output) of a member -> its items, for those that somebody collects."""
        self.index = 0
        self.frames: dict[int, Frame] = {}
        """Items that are under way, by number."""
        self.total: int | None = None
        self.keep_going = False
        self.over = False
        """No item will come after those under way."""
        self.broken = ""
        """The node that failed and took the stream with it ..."""
        self.depth = len(frame.path)
        """... and inside of how many streams that lies, at most."""
        self.blocked = False
        """A source was stopped quietly: nobody gets anything."""
        self.unkeyed = False
        """What it gives does not follow from the deep keys of its nodes, as when a failed item was left out."""
        self.holding = False
        self.parked = False
        self.aside = False
        """What it collects is wanted by somebody who may never ask for it."""
        self.effects = False
        """Whether what the run wants of the items themselves is done here; of several streams it is one."""

    def let_go(self) -> None:
        """Nobody collects this stream any more."""
        self.collected = {}


class Frame:
    """Cells of one graph by node id. A frame of a stream's item finds everything outside its group in its parent."""

    __slots__ = (
        "broken", "cells", "depth", "group", "is_plain", "keys", "open", "owner", "parent", "path", "region", "same",
        "stream", "streams", "total",
    )  # fmt: skip

    def __init__(
        self, region: GraphInstance, keys: dict[str, Key], path: tuple[int, ...] = (), stream: Stream | None = None
    ) -> None:
        self.region = region
        self.keys: Mapping[str, Key] = keys
        self.path = path
        """Which item of which item this is; empty outside all streams."""
        self.stream = stream
        self.group = stream.group if stream else None
        self.is_plain = stream is None and not region.scopes
        """Whether everything that its cells read lies in it."""
        self.parent = stream.frame if stream else None
        self.cells: dict[str, CallTask] = {}
        self.same: dict[Key, CallTask] = {}
        self.streams: dict[StreamGroup, list[Stream]] = {}
        """Streams that come from nodes of this frame; one that is wanted again when it is under way begins anew."""
        self.open = 0
        """Tasks that are under way; an item is done when there are none."""
        self.total = 0
        """How many tasks there were at first."""
        self.broken = ""
        """The first node that kept something of this item from running, by failing ..."""
        self.depth = 0
        """... and inside of how many streams such nodes lie, at the least; fewer than this item if not in it."""
        self.owner: CallTask | None = None
        """The cell in whose place this frame's graph runs."""

    @property
    def item(self) -> Frame | None:
        """The frame of the stream's item that this is, or is inside of."""
        frame = self
        while frame.stream is None:
            if frame.owner is None:
                return None
            frame = frame.owner.frame
        return frame

    @property
    def inside_of(self) -> CallTask | None:
        """The cell in whose place all of this runs, with whatever items there are in between."""
        frame: Frame | None = self
        while frame is not None and frame.owner is None:
            frame = frame.parent
        return None if frame is None else frame.owner

    def dissolve(self) -> None:
        """Nobody looks for a cell in here any more: let go of all, instead of waiting for the collector."""
        self.cells = {}
        self.same = {}
        self.streams = {}

    @property
    def keeps_going(self) -> bool:
        """Whether what fails here takes only an item of some stream with it."""
        item = self.item
        while item is not None and item.stream is not None:
            if item.stream.keep_going:
                return True
            item = item.stream.frame.item
        return False

    def home(self, node_id: str) -> Frame:
        """The frame, this one or one around it, that a node belongs to."""
        frame = self
        while frame.group is not None and frame.parent is not None and node_id not in frame.group.members:
            frame = frame.parent
        return frame

    def key_of(self, node_id: str) -> Key:
        """The deep key of a node as this frame sees it."""
        frame: Frame | None = self
        while frame is not None:
            key = frame.keys.get(node_id)
            if key is not None:
                return key
            frame = frame.parent
        raise KeyError(node_id)
