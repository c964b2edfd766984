"""The frames of a run: where the nodes of a graph belong, inside of streams and of graphs in the place of a node."""

from __future__ import annotations

import pytest

from graph.building.build import build
from graph.building.stream_groups import find_stream_groups
from graph.caching.keys import cache_keys
from graph.document.workflow import Node, Workflow
from graph.files.folders import Files
from graph.node_types.flow import Each
from graph.node_types.warnings import NO_WARNINGS, NodeWarning, WarningCollector
from graph.planning.tasks import CallTask, Frame, GraphInstance, Stream
from graph.results.result import Result
from tests.support.house import add, out
from tests.support.toys import toy_registry, type_from

FILES = Files()


def count(stop: int = 3) -> Each[int]:
    yield from range(stop)


def upto(value: int) -> Each[int]:
    yield from range(value)


NODES = {
    "a": add("a"),
    "c": Node("Count"),
    "p": add("p", out("c"), out("a")),
    "u": Node("Upto", {"value": out("p")}),
    "q": add("q", out("u"), out("p")),
}
"""`p` runs for each item of `c`, and `q` for each item of `u`, which is inside of these."""


class Layers:
    """The graph of the workflow, an item of a stream in it, and an item of a stream in that item."""

    def __init__(self) -> None:
        registry = toy_registry()
        registry.add(type_from(count, id="Count"))
        registry.add(type_from(upto, id="Upto"))
        self.graph = build(Workflow(NODES), registry, FILES, ["q"])
        self.region = GraphInstance(self.graph, find_stream_groups(self.graph))
        self.top = Frame(self.region, cache_keys(self.graph, FILES))
        self.outer_stream = self.stream("c", self.top)
        self.outer = Frame(self.region, {"p": b"p of item 2"}, (2,), self.outer_stream)
        self.inner_stream = self.stream("u", self.outer)
        self.inner = Frame(self.region, {"q": b"q of item 2.5"}, (2, 5), self.inner_stream)

    def call(self, node: str, frame: Frame) -> CallTask:
        return CallTask(node, self.graph.calls[node], frame, b"key")

    def stream(self, source: str, frame: Frame) -> Stream:
        group = self.region.scopes.stream_of(source)
        assert group is not None
        return Stream(group, frame, [self.call(source, frame)])

    def instead_of(self, call: CallTask) -> Frame:
        """A frame of a graph that runs in the place of a call."""
        return Frame(self.region, {}, call.frame.path, owner=call)


@pytest.fixture
def layers() -> Layers:
    return Layers()


@pytest.mark.parametrize(
    ("start", "node", "home"),
    [
        ("inner", "q", "inner"),
        ("inner", "p", "outer"),
        ("inner", "c", "outer"),
        ("inner", "a", "top"),
        ("outer", "p", "outer"),
        ("outer", "a", "top"),
        ("top", "p", "top"),
    ],
)
def test_a_node_belongs_to_the_nearest_item_whose_stream_has_it(
    layers: Layers, start: str, node: str, home: str
) -> None:
    assert getattr(layers, start).home(node) is getattr(layers, home)


def test_a_key_is_that_of_the_item_or_of_what_lies_around_it(layers: Layers) -> None:
    assert layers.inner.key_of("q") == b"q of item 2.5"
    assert layers.inner.key_of("p") == b"p of item 2"
    assert layers.inner.key_of("a") == layers.top.key_of("a")
    assert layers.outer.key_of("q") == layers.top.key_of("q")
    with pytest.raises(KeyError, match="nobody"):
        layers.inner.key_of("nobody")


def test_only_the_graph_of_the_workflow_outside_of_streams_is_the_top(layers: Layers) -> None:
    instead = layers.instead_of(layers.call("a", layers.top))
    assert [frame.is_top for frame in (layers.top, layers.outer, layers.inner, instead)] == [True, False, False, False]


def test_a_graph_in_the_place_of_an_item_s_node_belongs_to_the_item(layers: Layers) -> None:
    owner = layers.call("p", layers.outer)
    instead = layers.instead_of(owner)
    assert (layers.top.item, layers.outer.item, instead.item) == (None, layers.outer, layers.outer)
    assert layers.instead_of(layers.call("a", layers.top)).item is None
    assert (layers.outer.inside_of, instead.inside_of) == (None, owner)
    inside = Frame(layers.region, {}, (2, 0), layers.stream("c", instead))
    assert inside.inside_of is owner


@pytest.mark.parametrize(
    ("outer", "inner", "expected"),
    [(False, False, False), (True, False, True), (False, True, True)],
)
def test_a_failure_takes_only_an_item_if_any_stream_around_it_goes_on(
    layers: Layers, outer: bool, inner: bool, expected: bool
) -> None:
    layers.outer_stream.keep_going, layers.inner_stream.keep_going = outer, inner
    assert layers.inner.keeps_going is expected
    assert layers.instead_of(layers.call("q", layers.inner)).keeps_going is expected
    assert layers.outer.keeps_going is outer
    assert not layers.top.keeps_going


def test_what_nobody_reads_any_more_is_let_go(layers: Layers) -> None:
    call = layers.call("a", layers.top)
    call.values, call.result = (1,), Result((1,), (b"c1",))
    call.let_go()
    assert (call.values, call.result) == (None, None)
    layers.outer_stream.collected = {("p", 0): [(0, 1, b"c1")]}
    layers.outer_stream.let_go()
    assert layers.outer_stream.collected == {}


def test_a_call_that_never_warned_has_no_warnings(layers: Layers) -> None:
    call = layers.call("a", layers.top)
    assert call.warned is NO_WARNINGS
    call.warnings = WarningCollector()
    call.warnings.add("it is empty")
    assert call.warned.listed == (NodeWarning("it is empty"),)


def test_a_task_runs_on_the_lane_of_its_node_and_a_stream_on_that_of_its_source(layers: Layers) -> None:
    device = toy_registry().get("Device")
    assert device is not None
    layers.graph.calls["c"].type = device
    assert layers.call("c", layers.top).lane == layers.stream("c", layers.top).lane == "device"
    assert layers.call("a", layers.top).lane == "cpu"
