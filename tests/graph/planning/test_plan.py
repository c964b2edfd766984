"""What has to be done for some nodes and what need not: what is asked of the cache, and how long values are held."""

import pytest

from graph.building.build import build
from graph.building.stream_groups import find_stream_groups
from graph.caching.cache import Cache
from graph.caching.keys import cache_keys
from graph.caching.memory_cache import MemoryCache
from graph.document.workflow import Node, Workflow
from graph.files.folders import Files
from graph.node_types.flow import Lazy
from graph.planning.lookup import Memory
from graph.planning.plan import Planner
from graph.planning.tasks import Frame, GraphInstance
from graph.results.result import Result
from graph.scheduling.lanes import State
from tests.support.house import add, out
from tests.support.toys import toy_registry, type_from, workflow_from_text

FILES = Files()


class Asking(Cache):
    """A cache that notes what it is asked for."""

    def __init__(self):
        super().__init__(MemoryCache(2**20))
        self.asked = []

    def find(self, key):
        self.asked.append(key)
        return super().find(key)


def maybe(condition: bool, then: Lazy[int], otherwise: Lazy[int]) -> int:
    return then.get() if condition else otherwise.get()


class Plan:
    """The plan of a workflow, before anything is done."""

    def __init__(self, workflow, targets, remembered=(), gone=()):
        registry = toy_registry()
        registry.add(type_from(maybe, id="Maybe"))
        graph = build(workflow, registry, FILES, targets)
        self.keys = cache_keys(graph, FILES)
        self.cache = Asking()
        for node in (*remembered, *gone):
            count = len(graph.calls[node].type.outputs)
            result = Result((1,) * count, (b"c1",) * count)
            self.cache.keep([self.keys[node]], result, node_type="Toy")
            if node in gone:
                result.values = None
        self.planner = Planner(Memory(self.cache, FILES))
        self.frame = Frame(GraphInstance(graph, find_stream_groups(graph)), self.keys)
        self.demand, self.wanted = self.planner.lay_out_all(self.frame, targets)

    def needed(self):
        return sorted(cell.id for cell in self.demand.to_run)

    def ready(self):
        return [cell.id for cell in self.demand.ready]

    def idle(self):
        return sorted(cell.id for cell in self.planner.calls(self.frame) if cell.state is State.IDLE)

    def asked(self):
        names = {key: node for node, key in self.keys.items()}
        return [names.get(key, "?") for key in self.cache.asked]

    def cell(self, node):
        return self.planner.tasks[self.frame].calls[node]


def plan(text, targets, remembered=(), gone=(), inputs=None):
    return Plan(workflow_from_text(text, inputs=inputs), targets, remembered, gone)


DIAMOND = "a -> b -> d, a -> c -> d"


@pytest.mark.parametrize(
    ("remembered", "needed", "ready", "asked"),
    [
        ("", ["a", "b", "c", "d"], ["a"], ["d", "b", "a", "c"]),
        ("d", [], [], ["d"]),
        ("b", ["a", "c", "d"], ["a"], ["d", "b", "c", "a"]),
        ("bc", ["d"], ["d"], ["d", "b", "c"]),
        ("a", ["b", "c", "d"], ["b", "c"], ["d", "b", "a", "c"]),
    ],
)
def test_what_is_remembered_is_not_needed_and_nothing_above_it_is_looked_at(remembered, needed, ready, asked):
    found = plan(DIAMOND, ["d"], remembered)
    assert (found.needed(), sorted(found.ready()), found.asked()) == (needed, ready, asked)


def test_a_chain_that_is_remembered_costs_one_question():
    names = [f"n{number}" for number in range(1000)]
    assert plan(" -> ".join(names), [names[-1]], names).asked() == [names[-1]]


def test_a_result_whose_values_are_gone_counts_as_remembered_until_somebody_needs_the_values():
    found = plan("a -> b -> c", ["c"], gone=["b"])
    assert found.needed() == ["c"]
    cell = found.cell("b")
    found.planner.take_up_again(cell)
    demand = found.planner.demand([cell])
    assert [task.id for task in demand.to_run] == ["b", "a"]
    assert cell.refs == 1, "its one reader still holds it, once"


def test_equal_nodes_share_a_cell():
    found = plan("a -> b, a -> c", ["b", "c"], inputs={"b": {"name": "twin"}, "c": {"name": "twin"}})
    assert found.cell("b") is found.cell("c")
    assert (found.cell("b").id, found.cell("b").also, found.cell("b").refs) == ("b", ("c",), 2)


def test_impure_nodes_share_nothing():
    found = plan("a:Impure, b:Impure", ["a", "b"], inputs={"a": {"name": "x"}, "b": {"name": "x"}})
    assert found.cell("a") is not found.cell("b")


# Lazy inputs


def lazy_plan(**options):
    nodes = {
        "i": Node("Impure", {"name": "i"}),
        "l": add("l", out("i")),
        "r": add("r", out("i")),
        "m": Node("Maybe", {"condition": True, "then": out("l"), "otherwise": out("r")}),
        "k": add("k", out("m")),
    }
    return Plan(Workflow(nodes), ["k"], **options)


def test_what_lies_behind_a_lazy_input_is_idle_until_somebody_asks():
    found = lazy_plan()
    assert (found.needed(), found.ready(), found.idle()) == (["k", "m"], ["m"], ["i", "l", "r"])
    demand = found.planner.demand([found.cell("l")])
    assert ([task.id for task in demand.to_run], found.idle()) == (["l", "i"], ["r"])


def test_what_idle_nodes_may_read_is_held_for_them():
    found = lazy_plan()
    assert found.cell("i").refs == 2, "l and r may read it"
    found.planner.demand([found.cell("l")])
    assert found.cell("i").refs == 2, "asking does not count twice"
    found.planner.release(found.cell("l"))
    assert found.cell("i").refs == 1


def test_when_the_lazy_node_is_done_nothing_is_held_behind_the_input_that_it_did_not_ask_for():
    found = lazy_plan()
    found.planner.demand([found.cell("l")])
    found.cell("i").values = found.cell("l").values = (1,)
    for node in ("l", "m"):
        found.planner.release(found.cell(node))
    assert found.cell("r").state is State.NEW
    assert [found.cell(node).refs for node in "ilr"] == [0, 0, 0]
    assert found.cell("i").values is None


# How long values are held


def test_a_value_is_held_for_each_edge_that_reads_it_and_for_the_target():
    found = plan("a -> b, a -> c, a -> c", ["a", "b", "c"])
    assert found.cell("a").refs == 4


def test_a_value_is_let_go_with_its_last_reader():
    found = plan("a -> b, a -> c", ["b", "c"])
    cell = found.cell("a")
    cell.values = (1,)
    found.planner.release(found.cell("b"))
    assert cell.values == (1,)
    found.planner.release(found.cell("b"))
    assert cell.values == (1,), "released twice counts once"
    found.planner.release(found.cell("c"))
    assert cell.values is None


# What has stopped


def test_what_needs_something_that_has_stopped_is_unrunnable_and_knows_why():
    found = plan("a -> b, a -> c", ["b"])
    found.cell("a").state = State.STOPPED
    demand, _ = found.planner.lay_out_all(found.frame, ["b"])
    other = Plan(workflow_from_text("a -> b"), ["b"])
    assert demand.to_run == []
    late = found.planner.demand([found.planner.task(found.frame, "b")])
    assert late.to_run == []
    other.cell("a").state = State.STOPPED
    other.cell("b").state = State.NEW
    unrunnable = other.planner.demand([other.cell("b")])
    assert [task.id for task in unrunnable.unrunnable] == ["b"]
    assert other.planner.stopped_by(other.cell("b")) == ("a", 0)
