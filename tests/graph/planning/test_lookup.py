"""What is remembered as a run may use it: through lazy questions, with files that exist, and not when in doubt."""

import pytest

from graph.building.build import build
from graph.building.stream_groups import NO_STREAM_GROUPS
from graph.caching.cache import Cache
from graph.caching.keys import FreshKey, cache_keys, next_key
from graph.caching.memory_cache import MemoryCache
from graph.document.workflow import Node, Workflow
from graph.node_types.context import Artifact
from graph.node_types.flow import Lazy
from graph.planning.lookup import Memory
from graph.planning.tasks import CallTask, Frame, GraphInstance
from graph.results.result import RequestedInputs, Result
from tests.support.house import add, out
from tests.support.toys import toy_registry, type_from


def both(a: Lazy[int], b: Lazy[int]) -> int:
    return a.get() + b.get()


NODES = {
    "x": add("x"), "y": add("y"), "i": Node("Impure"), "j": add("j", out("i")),
    "l": Node("Both", {"a": out("x"), "b": out("y")}),
    "m": Node("Both", {"a": out("x"), "b": out("j")}),
}  # fmt: skip


@pytest.fixture
def memory(files):
    return Memory(Cache(MemoryCache(2**20)), files)


@pytest.fixture
def cell(files):
    registry = toy_registry()
    registry.add(type_from(both, id="Both"))
    graph = build(Workflow(NODES), registry, files, list(NODES))
    frame = Frame(GraphInstance(graph, NO_STREAM_GROUPS), cache_keys(graph, files))
    return lambda node: CallTask(node, graph.calls[node], frame, frame.keys[node])


def keep(memory, key, *artifacts):
    result = Result((1,), (b"c1",), artifacts)
    memory.cache.keep([key], result, node_type="Toy")
    return result


def test_a_result_is_recalled_by_its_deep_key_with_its_values(memory, cell):
    found = cell("x")
    assert not memory.recall(found)
    result = keep(memory, found.key)
    assert memory.recall(found)
    assert (found.result, found.values) == (result, (1,))


def test_what_has_no_identity_is_not_asked_for(memory, cell):
    found = cell("j")
    assert type(found.key) is FreshKey
    memory.cache.find = None  # not even looked at
    assert not memory.recall(found)


def test_a_lazy_call_is_found_through_the_questions_that_it_asked(memory, cell):
    found, part = cell("l"), memory.key_part(cell("l"))
    first = memory.base_key(found)
    second = next_key(first, "a", part("a"))
    last = next_key(second, "b", part("b"))
    memory.cache.keep_requested([first], RequestedInputs(("a",)))
    memory.cache.keep_requested([second], RequestedInputs(("b",)))
    assert not memory.recall(found)
    result = keep(memory, last)
    assert memory.recall(found)
    assert found.result is result
    assert memory.follow(first, part, asked=["a"]) == (None, second, ("b",))
    assert memory.follow(first, part, asked=["a", "b"]) == (result, last, ())


def test_the_way_ends_where_an_input_is_not_identified(memory, cell):
    found = cell("m")
    first = memory.base_key(found)
    assert type(first) is not FreshKey, "what is impure lies behind a lazy input"
    memory.cache.keep_requested([first], RequestedInputs(("b",)))
    assert memory.follow(first, memory.key_part(found)) == (None, None, ())


def test_a_result_whose_file_is_gone_is_none(memory, cell, tmp_path):
    found = cell("x")
    keep(memory, found.key, Artifact("output", "a.txt"))
    assert not memory.recall(found)
    (tmp_path / "output").mkdir()
    (tmp_path / "output" / "a.txt").write_text("here")
    assert memory.recall(found)


@pytest.mark.parametrize("name", ["../a.txt", "/etc/passwd"])
def test_a_result_whose_file_lies_elsewhere_is_none(memory, cell, name):
    found = cell("x")
    keep(memory, found.key, Artifact("output", name))
    assert not memory.recall(found)


def test_a_result_that_is_to_be_made_again_is_not_recalled(memory, cell):
    found = cell("x")
    keep(memory, found.key)
    found.lost = True
    assert not memory.recall(found)


def test_a_doubted_result_is_put_beside_instead_of_being_used(memory, cell):
    memory.shadow = 1.0
    found = cell("x")
    result = keep(memory, found.key)
    assert not memory.recall(found)
    assert found.expected is result
