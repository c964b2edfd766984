"""What a call is known by: what feeds it, the values that arrived, and along the lazy inputs that it requested."""

from __future__ import annotations

from typing import Any

import pytest

from graph.building.build import build
from graph.building.stream_groups import find_stream_groups
from graph.caching.cache import Cache
from graph.caching.keys import FreshKey, cache_keys
from graph.caching.memory_cache import MemoryCache
from graph.document.workflow import Node, Workflow
from graph.files.folders import Files
from graph.node_types.flow import BLOCK, Each, Lazy
from graph.planning.call_keys import CallKeys, fingerprint_of_items, unrequested
from graph.planning.lookup import Memory
from graph.planning.plan import Planner
from graph.planning.tasks import CallTask, Frame, GraphInstance
from graph.results.result import Fingerprint, Result
from tests.support.house import add, out
from tests.support.toys import toy_registry, type_from


def either(a: Lazy[int], b: Lazy[int], c: int = 0) -> int:
    return a.get() + b.get()


def count(stop: int = 3) -> Each[int]:
    yield from range(stop)


def total(values: list[int]) -> int:
    return sum(values)


NODES = {
    "x": add("x"),
    "y": add("y"),
    "i": Node("Impure"),
    "z": add("z", out("x")),
    "j": add("j", out("i")),
    "l": Node("Either", {"a": out("x"), "b": out("y"), "c": out("z")}),
    "w": Node("Either", {"a": 1, "b": 2}),
    "c": Node("Count"),
    "t": Node("Total", {"values": out("c")}),
}


class Known:
    """The calls of a graph, of which some have results."""

    def __init__(self, files: Files) -> None:
        registry = toy_registry()
        for name, function in (("Either", either), ("Count", count), ("Total", total)):
            registry.add(type_from(function, id=name))
        self.graph = build(Workflow(NODES), registry, files, list(NODES))
        self.memory = Memory(Cache(MemoryCache(2**20)), files)
        self.planner = Planner(self.memory)
        self.keys = CallKeys(self.planner, self.memory)
        self.frame = Frame(GraphInstance(self.graph, find_stream_groups(self.graph)), cache_keys(self.graph, files))

    def task(self, node: str, **arrived: Fingerprint | None) -> CallTask:
        """A call; of some others the results have arrived."""
        for source, fingerprint in arrived.items():
            self.planner.task(self.frame, source).result = Result((1,), (fingerprint,))
        return self.planner.task(self.frame, node)

    def all_keys(self, task: CallTask) -> list[bytes]:
        inputs = self.keys.inputs_of(task)
        inputs.shallow = self.keys.shallow_key_of(task, inputs)
        return self.keys.keys_of(task, inputs)


@pytest.fixture
def known(files: Files) -> Known:
    return Known(files)


def test_of_the_inputs_those_are_identified_that_have_arrived(known: Known) -> None:
    assert known.keys.inputs_of(known.task("z")).fingerprints == {"in0": None}
    assert known.keys.inputs_of(known.task("z", x=b"c1")).fingerprints == {"in0": b"c1"}


@pytest.mark.parametrize(
    ("node", "asked", "missing"),
    [("l", (), ("a", "b")), ("l", ("b",), ("a",)), ("l", ("b", "a"), ()), ("w", (), ()), ("z", (), ())],
)
def test_lazy_inputs_on_edges_are_left_out_until_they_are_requested(
    known: Known, node: str, asked: tuple[str, ...], missing: tuple[str, ...]
) -> None:
    task = known.task(node)
    task.asked = asked
    assert unrequested(task) == missing
    assert {*known.keys.sources_of(task)} == {*task.call.edges} - {*missing}


def test_a_result_belongs_under_what_feeds_the_call_and_under_the_values_that_arrived(known: Known) -> None:
    task = known.task("z", x=b"c1")
    deep, shallow = known.all_keys(task)
    assert deep == task.key
    assert known.all_keys(known.task("z", x=b"c1")) == [deep, shallow]
    assert known.all_keys(known.task("z", x=b"c2"))[1] != shallow
    assert known.all_keys(known.task("z", x=None)) == [deep], "a value that nothing identifies"


def test_what_is_fed_by_an_impure_node_is_known_by_its_values_only(known: Known) -> None:
    task = known.task("j", i=b"c1")
    assert type(task.key) is FreshKey
    (key,) = known.all_keys(task)
    assert key == known.keys.shallow_key_of(task, known.keys.inputs_of(task))


def test_an_input_that_its_key_does_not_cover_makes_a_call_one_too(known: Known) -> None:
    known.task("x", x=b"c1").unkeyed = True
    task = known.task("z")
    assert len(known.all_keys(task)) == 1
    assert task.unkeyed
    assert known.keys.deep_keys_of(task) == []


def test_each_requested_input_leads_a_lazy_call_to_another_key(known: Known) -> None:
    task = known.task("l", x=b"c1", y=b"c2", z=b"c3")
    seen: list[bytes] = []
    for asked in ((), ("a",), ("b",), ("a", "b"), ("b", "a")):
        task.asked = asked
        found = known.all_keys(task)
        assert len(found) == 2
        seen += found
    assert len(set(seen)) == 10
    assert task.key not in seen


def test_a_value_without_content_is_identified_by_the_call_that_made_it_and_its_place(known: Known) -> None:
    task = known.task("x")
    inputs = known.keys.inputs_of(task)
    thing = object()
    found = [known.keys.fingerprint_of_output(task, inputs, thing, index) for index in (0, 1, 0)]
    assert found[0] == found[2] != found[1]
    assert known.keys.fingerprint_of_output(task, inputs, 7, 0) == known.memory.fingerprint_of(7)
    impure = known.task("i")
    assert known.keys.fingerprint_of_output(impure, known.keys.inputs_of(impure), thing, 0) is None


@pytest.mark.parametrize(
    ("blocked", "last", "is_known"), [(False, b"c2", True), (False, None, False), (True, b"", True)]
)
def test_a_list_of_items_is_identified_if_each_item_is(
    known: Known, blocked: bool, last: Fingerprint | None, is_known: bool
) -> None:
    edge = known.graph.calls["t"].edges["values"]
    group = known.frame.region.scopes.stream_of("c")
    assert group is not None
    stream = known.planner.stream(known.frame, group, ("c", 0))
    stream.blocked = blocked
    items: list[tuple[int, Any, Fingerprint | None]] = [(0, 1, b"c1"), (1, 2, last)]
    stream.collected = {("c", 0): items}
    found = known.keys.fingerprint_of_stream(stream, edge)
    assert (found is not None) is is_known
    assert (found == known.memory.fingerprint_of(BLOCK)) is blocked


def test_items_count_with_their_order_and_number() -> None:
    found = [fingerprint_of_items(items) for items in ([], [b"a"], [b"a", b"b"], [b"b", b"a"], [b"a", b"a"])]
    assert len(set(found)) == 5
    assert fingerprint_of_items(iter([b"a", b"b"])) == found[2]
