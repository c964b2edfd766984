"""What a run would do, told without running: compared with what the next run really does."""

from contextlib import closing

import pytest

from graph.api import Each, Lazy, node
from graph.caching.cache import Cache
from graph.caching.call_history import literal_part
from graph.caching.memory_cache import MemoryCache
from graph.document.workflow import Node, Reference, Workflow
from graph.engine import Engine
from graph.planning.dry_run import forecast
from tests.support.toys import toy_registry, workflow_from_text

CHAIN = "a -> b, b -> c, c -> save:Keep"


@node("Pick", category="toys")
def pick(which: bool, one: Lazy[int], other: Lazy[int]) -> int:
    """Give one of two numbers."""
    return one.get() if which else other.get()


@node("Count", category="toys")
def count(stop: int) -> Each[int]:
    """Numbers one by one."""
    yield from range(stop)


@pytest.fixture
def told(registry, files):
    """An engine that tells what it would do: `told.run` runs, `told(...)` tells."""
    registry.add(pick.__node_type__)
    registry.add(count.__node_type__)

    class Told:
        def __init__(self, cache=None):
            self.engine = Engine(registry, files, cache=cache or Cache(MemoryCache(10**7)))

        def __call__(self, workflow):
            items = forecast(self.engine.check(workflow), self.engine.cache, files)
            return {item.node: item for item in items}

        def run(self, workflow):
            return self.engine.run(workflow).ran

    told = Told()
    yield told
    told.engine.close()


def running(told):
    return [node for node, item in told.items() if item.runs]


def test_what_was_never_run_is_new(told):
    items = told(workflow_from_text(CHAIN))
    assert running(items) == ["a", "b", "c", "save"]
    assert {item.reason.code for item in items.values()} == {"new"}


def test_nothing_above_a_remembered_node_is_needed(told):
    told.run(workflow_from_text(CHAIN))
    items = told(workflow_from_text(CHAIN))
    assert running(items) == []
    assert [item.reason.code for item in items.values()] == ["not_needed"] * 3 + ["remembered"]


def test_the_input_that_changed_is_named_and_what_is_below_depends_on_the_node(told):
    told.run(workflow_from_text(CHAIN))
    edited = workflow_from_text(CHAIN, inputs={"b": {"number": 7}})
    items = told(edited)
    assert running(items) == ["b", "c", "save"]
    assert items["a"].reason.code == "remembered"
    assert items["b"].reason.message == "changed: number (0 -> 7)"
    assert items["c"].reason.message == "it depends on node b, which would run"
    assert items["c"].reason.inputs[0].source == "b"
    assert list(told.run(edited)) == ["b", "c", "save"]


def test_what_is_known_to_change_is_told_without_what_is_only_made_again(told):
    told.run(workflow_from_text("a -> c, b -> c, c -> save:Keep"))
    items = told(workflow_from_text("a -> c, b -> c, c -> save:Keep", inputs={name: {"number": 7} for name in "abc"}))
    assert items["c"].reason.message == "changed: number (0 -> 7)"
    items = told(workflow_from_text("a -> c, b -> c, c -> save:Keep", inputs={name: {"number": 7} for name in "ab"}))
    assert items["c"].reason.message == "it depends on nodes a and b, which would run"


def versioned(version):
    @node("Versioned", category="toys", version=version, side_effect=True)
    def body(number: int = 0, in0: int | None = None) -> None:
        pass

    return body.__node_type__


@pytest.mark.parametrize("words", [None, ", und ihr Code", ""])
def test_that_the_code_changed_too_is_told_beside_known_inputs_whatever_the_words(
    registry, files, told, monkeypatch, words
):
    if words is not None:
        monkeypatch.setattr("graph.caching.call_history.ALSO_CODE", words)
    registry.add(versioned(1))
    told.run(workflow_from_text("a -> b:Versioned"))
    newer = toy_registry()
    newer.add(versioned(2))
    edited = workflow_from_text("a -> b:Versioned", inputs={name: {"number": 7} for name in "ab"})
    with closing(Engine(newer, files, cache=told.engine.cache)) as engine:
        items = {item.node: item for item in forecast(engine.check(edited), engine.cache, files)}
    assert [item.name for item in items["b"].reason.inputs] == ["number"], "the other is not known to change"
    assert items["b"].reason.also_code
    also = "; so did the code or the version of the node" if words is None else words
    assert items["b"].reason.message == f"changed: number (0 -> 7){also}"


def test_a_node_that_is_known_by_its_values_need_not_run(told):
    told.run(workflow_from_text("a -> b:Pass, b -> save:Keep"))
    renamed = workflow_from_text("a -> b:Pass, b -> save:Keep", inputs={"b": {"name": "another"}})
    told.engine.run(renamed, ["b"])
    assert running(told(renamed)) == []
    assert list(told.run(renamed)) == []


def test_what_is_no_longer_kept_was_forgotten(told):
    workflow = workflow_from_text(CHAIN)
    told.run(workflow)
    told.engine.cache.memory.clear()
    items = told(workflow)
    assert running(items) == ["a", "b", "c", "save"]
    assert items["a"].reason.code == "forgotten"
    assert items["b"].reason.message == "it depends on node a, which would run"


def test_what_can_never_be_reused_says_so(told):
    workflow = workflow_from_text("a:Impure -> b, b -> save:Keep")
    told.run(workflow)
    items = told(workflow)
    assert (items["a"].reason.code, "cache=False" in items["a"].reason.message) == ("not_reusable", True)
    assert running(items) == ["a", "b", "save"]


def picking(which, one=1, other=2):
    nodes = {
        "one": Node("Add", {"number": one}),
        "other": Node("Add", {"number": other}),
        "pick": Node("Pick", {"which": which, "one": Reference("one", "INT"), "other": Reference("other", "INT")}),
        "save": Node("Keep", {"in0": Reference("pick", "INT")}),
    }
    return Workflow(nodes)


def test_a_lazy_node_is_found_by_the_inputs_that_it_needed(told):
    told.run(picking(True))
    items = told(picking(True, other=3))
    assert not items["pick"].runs
    items = told(picking(True, one=3))
    assert items["pick"].runs


def test_what_runs_for_each_item_is_told_apart(told):
    workflow = Workflow(
        {
            "count": Node("Count", {"stop": 3}),
            "add": Node("Add", {"in0": Reference("count", "INT")}),
            "save": Node("Keep", {"in0": Reference("add", "INT")}),
        }
    )
    items = told(workflow)
    assert {item.reason.code for item in items.values()} == {"items"}


def test_it_is_told_to_programs(told):
    workflow = workflow_from_text("a -> save:Keep")
    told.run(workflow)
    items = told(workflow)
    assert items["save"].as_json() == {
        "node": "save", "runs": False, "code": "remembered", "message": "its result is remembered"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("value", "text"),
    [(1, "1"), ("a boat", "a boat"), (None, "None"), ("x" * 600, "x" * 497 + "..."), ([1, 2], "[1, 2]")],
)
def test_of_a_literal_a_text_is_kept_that_is_not_too_long(value, text):
    assert literal_part(value).text == text


def test_a_number_too_long_to_be_written_is_shown_too():
    assert literal_part(2**50_000).text.startswith("0x1000")
    assert literal_part(object()).fingerprint == b"?"
