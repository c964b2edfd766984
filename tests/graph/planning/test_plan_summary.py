"""What is told of a run when it begins: which nodes will run, which are reused, and of which it is not known."""

from __future__ import annotations

import pytest

from graph.building.build import build
from graph.building.stream_groups import find_stream_groups
from graph.caching.cache import Cache
from graph.caching.keys import cache_keys
from graph.caching.memory_cache import MemoryCache
from graph.document.workflow import Node, Workflow
from graph.files.folders import Files
from graph.node_types.flow import Each, Lazy
from graph.planning.lookup import Memory
from graph.planning.plan import Planner
from graph.planning.plan_summary import outlook
from graph.planning.tasks import Frame, GraphInstance
from graph.results.result import Result
from tests.support.house import add, out
from tests.support.toys import toy_registry, type_from, workflow_from_text

FILES = Files()


def maybe(condition: bool, then: Lazy[int], otherwise: Lazy[int]) -> int:
    return then.get() if condition else otherwise.get()


def count(stop: int = 3) -> Each[int]:
    yield from range(stop)


def total(values: list[int]) -> int:
    return sum(values)


def told(workflow: Workflow, targets: list[str], remembered: str = "") -> tuple[str, str]:
    """The nodes that will run and those that are reused, when some have a result."""
    registry = toy_registry()
    for name, function in (("Maybe", maybe), ("Count", count), ("Total", total)):
        registry.add(type_from(function, id=name))
    graph = build(workflow, registry, FILES, targets)
    keys = cache_keys(graph, FILES)
    cache = Cache(MemoryCache(2**20))
    for node in remembered:
        cache.keep([keys[node]], Result((1,), (b"c1",)), node_type="Toy")
    planner = Planner(Memory(cache, FILES))
    frame = Frame(GraphInstance(graph, find_stream_groups(graph)), keys)
    demand, _ = planner.lay_out_all(frame, targets)
    to_run, reused = outlook(frame, planner, demand)
    return " ".join(to_run), " ".join(reused)


@pytest.mark.parametrize(
    ("remembered", "to_run", "reused"),
    [("", "a b c", ""), ("a", "b c", "a"), ("b", "c", "a b"), ("c", "", "a b c"), ("ac", "", "a b c")],
)
def test_what_lies_above_a_result_counts_as_reused(remembered: str, to_run: str, reused: str) -> None:
    assert told(workflow_from_text("a -> b -> c"), ["c"], remembered) == (to_run, reused)


def test_nodes_are_told_in_the_order_of_the_graph_and_once() -> None:
    assert told(workflow_from_text("a -> b -> d, a -> c -> d"), ["d", "c"]) == ("a c b d", "")


def test_of_two_equal_nodes_the_second_is_neither_to_run_nor_reused() -> None:
    workflow = workflow_from_text("a, b", inputs={"b": {"name": "a"}})
    assert told(workflow, ["a", "b"]) == ("a", "")
    assert told(workflow, ["a", "b"], "a") == ("", "a b")


LAZY = Workflow({
    "s": add("s"),
    "l": add("l", out("s")),
    "r": add("r"),
    "m": Node("Maybe", {"condition": True, "then": out("l"), "otherwise": out("r")}),
    "k": add("k", out("m")),
})  # fmt: skip


@pytest.mark.parametrize(
    ("remembered", "to_run", "reused"),
    [
        ("", "m k", ""),
        ("l", "m k", ""),
        ("k", "", "m k"),
        ("kl", "", "l m k"),
    ],
)
def test_behind_a_lazy_input_nothing_is_told_that_may_be_requested_and_else_what_has_a_result(
    remembered: str, to_run: str, reused: str
) -> None:
    found_to_run, found_reused = told(LAZY, ["k"], remembered)
    assert (set(found_to_run.split()), set(found_reused.split())) == (set(to_run.split()), set(reused.split()))


def test_what_is_read_otherwise_too_is_not_behind_a_lazy_input() -> None:
    workflow = Workflow({**LAZY.nodes, "o": add("o", out("s"))})
    to_run, reused = told(workflow, ["k", "o"], "ko")
    assert (to_run, set(reused.split())) == ("", {"s", "m", "k", "o"})


STREAM = Workflow({
    "a": add("a"),
    "c": Node("Count"),
    "p": add("p", out("c"), out("a")),
    "t": Node("Total", {"values": out("p")}),
})  # fmt: skip


@pytest.mark.parametrize(
    ("remembered", "to_run", "reused"), [("", "c p t", ""), ("a", "c p t", ""), ("t", "", "a c p t")]
)
def test_the_nodes_of_a_stream_will_run_or_are_reused_together(remembered: str, to_run: str, reused: str) -> None:
    """What feeds its items from outside is told when the first item needs it."""
    found_to_run, found_reused = told(STREAM, ["t"], remembered)
    assert (set(found_to_run.split()), set(found_reused.split())) == (set(to_run.split()), set(reused.split()))
