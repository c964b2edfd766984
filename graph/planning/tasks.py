"""What a run is made of: calls, streams, and frames (one graph that runs, or one item of a stream in it)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graph.building.calls import Call, Graph
from graph.building.stream_groups import StreamGroup, StreamGroups
from graph.node_types.warnings import NO_WARNINGS, NodeWarnings, WarningCollector
from graph.planning.call_stages import READY, Stage
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
    loop_order: LoopOrder = NO_LOOP_ORDER


class CallTask(Task):
    """A call of a run. `values` is held as long as somebody may read it; `refs` counts who may."""

    __slots__ = (
        "also", "asked", "call", "called", "expected", "frame", "holding", "id", "key", "leads", "lost", "make", "refs",
        "result", "stage", "unkeyed", "values", "warnings",
    )  # fmt: skip

    def __init__(self, node_id: str, call: Call, frame: Frame, key: Key) -> None:
        super().__init__(call.type.lane)
        self.id = node_id
        self.call = call
        self.frame = frame
        self.key = key
        self.refs = 0
        self.stage: Stage = READY
        """How it goes on."""
        self.result: Result | None = None
        self.values: tuple[Any, ...] | None = None
        self.also: tuple[str, ...] = ()
        """Equal nodes, which share this task."""
        self.asked: tuple[str, ...] = ()
        """The lazy inputs that the node requested, in order."""
        self.leads: tuple[Key, ...] = ()
        """Calls with one of these keys, of this run or another, wait for this one."""
        self.unkeyed = False
        """Its result must not be cached by its deep key: it depends on an input that the key does not cover."""
        self.holding = False
        """The values that it reads are held for it, until it has read them or never will."""
        self.called = False
        """Its node was called in this run."""
        self.lost = False
        """A result is cached, but its values are gone: it is called all the same."""
        self.expected: Result | None = None
        """The cached result, to be compared with what the node returns."""
        self.make: Callable[[], Any] | None = None
        """What is called instead of the node's function: makes one item of a stream."""
        self.warnings: WarningCollector | None = None
        """What the node has warned of, in all of its calls."""

    @property
    def warned(self) -> NodeWarnings:
        """What the node has warned of in this run."""
        return self.warnings.taken() if self.warnings is not None else NO_WARNINGS

    def let_go(self) -> None:
        """Nobody reads this call any more."""
        self.values = self.result = None


Collected = list[tuple[int, Any, Fingerprint | None]]
"""Item number, value and fingerprint, in the order in which the items were done."""


class Stream(Task):
    """The items of a group of streams, from the sources in one frame. At work, it begins further items."""

    __slots__ = (
        "aside",
        "blocked",
        "broken",
        "collected",
        "depth",
        "effects",
        "frame",
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
        "under_way",
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
        self.under_way = 0
        """How many items are at work."""
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
        """Its items must not be cached by the deep keys of its nodes, as when a failed item was left out."""
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
    """Where calls of one graph belong: the graph itself, or one item of a stream in it.

    An item finds everything outside its group in its parent. References go up only, from a task to its frame and on to
    the frames around it; the tasks of a frame are in the planner's tables. So a run is no ring of objects, and what it
    held is freed with it.
    """

    __slots__ = (
        "broken", "depth", "group", "is_plain", "is_top", "keys", "open", "owner", "parent", "path", "region", "stream",
        "total",
    )  # fmt: skip

    def __init__(
        self, region: GraphInstance, keys: dict[str, Key], path: tuple[int, ...] = (), stream: Stream | None = None,
        owner: CallTask | None = None,
    ) -> None:  # fmt: skip
        self.region = region
        self.keys: Mapping[str, Key] = keys
        self.path = path
        """Which item of which item this is; empty outside all streams."""
        self.stream = stream
        self.owner = owner
        """The call in whose place this frame's graph runs."""
        self.group = stream.group if stream else None
        self.is_plain = stream is None and not region.scopes.groups
        """Whether everything that its calls read lies in it."""
        self.is_top = stream is None and owner is None
        """Whether this is the graph of the workflow, outside of all streams."""
        self.parent = stream.frame if stream else None
        self.open = 0
        """Tasks that are under way; an item is done when there are none."""
        self.total = 0
        """How many tasks there were at first."""
        self.broken = ""
        """The first node that kept something of this item from running, by failing ..."""
        self.depth = 0
        """... and inside of how many streams such nodes lie, at the least; fewer than this item if not in it."""

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
        """The call in whose place all of this runs, with whatever items there are in between."""
        frame: Frame | None = self
        while frame is not None and frame.owner is None:
            frame = frame.parent
        return None if frame is None else frame.owner

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
