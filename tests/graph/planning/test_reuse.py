"""The chain of look-ups: what each link answers, in which order, and what it does not ask."""

import pytest

from graph.building.build import build
from graph.building.stream_groups import find_stream_groups
from graph.caching.cache import Cache
from graph.caching.keys import cache_keys
from graph.caching.memory_cache import MemoryCache
from graph.document.workflow import Node, Workflow
from graph.node_types.flow import Lazy
from graph.planning.call_keys import CallKeys
from graph.planning.lookup import Memory
from graph.planning.plan import Planner
from graph.planning.reuse import Reuse, ReuseChain, WaitForEqual, WaitForInputs
from graph.planning.tasks import Frame, GraphInstance
from graph.results.result import RequestedInputs, Result
from tests.support.house import add, out
from tests.support.toys import toy_registry, type_from

GIVEN = Result((1,), (b"c1",))
FOUND = Result((2,), (b"c2",))


def either(a: Lazy[int], b: Lazy[int]) -> int:
    return a.get() + b.get()


class Chain:
    """The chain of a graph of which some results have arrived."""

    def __init__(self, files, nodes, at_work=()):
        registry = toy_registry()
        registry.add(type_from(either, id="Either"))
        graph = build(Workflow(nodes), registry, files, list(nodes))
        self.cache = Cache(MemoryCache(2**20))
        self.memory = Memory(self.cache, files)
        self.planner = Planner(self.memory)
        self.keys = CallKeys(self.planner, self.memory)
        self.frame = Frame(GraphInstance(graph, find_stream_groups(graph)), cache_keys(graph, files))
        self.at_work, self.leads = set(at_work), []
        self.chain = ReuseChain(self.memory, self.keys, self.lead)

    def lead(self, task, key):
        self.leads.append(key)
        return key not in self.at_work

    def task(self, node, *, arrived=""):
        for source in arrived:
            self.planner.task(self.frame, source).result = GIVEN
        return self.planner.task(self.frame, node)

    def shallow(self, task):
        return self.keys.shallow_key_of(task, self.keys.inputs_of(task))

    def look_up(self, task):
        return self.chain.look_up(task, self.keys.inputs_of(task))


@pytest.fixture
def chain(files):
    nodes = {
        "x": add("x"), "y": add("y"), "z": add("z", out("x")),
        "l": Node("Either", {"a": out("x"), "b": out("y")}),
    }  # fmt: skip
    return Chain(files, nodes)


def test_what_no_link_knows_goes_on_to_the_call(chain):
    task = chain.task("z", arrived="x")
    assert chain.look_up(task) is None
    assert chain.leads == [task.key, chain.shallow(task)], "it leads by its recipe and by its values"


def test_a_call_that_got_equal_values_gives_its_result(chain):
    task = chain.task("z", arrived="x")
    chain.cache.keep([chain.shallow(task)], FOUND, node_type="Toy")
    assert chain.look_up(task) == Reuse(FOUND, "same inputs")


@pytest.mark.parametrize("link", ["recipe", "values"])
def test_an_equal_call_at_work_is_waited_for(chain, link):
    task = chain.task("z", arrived="x")
    key = task.key if link == "recipe" else chain.shallow(task)
    chain.at_work.add(key)
    assert chain.look_up(task) == WaitForEqual(key)


def test_a_call_without_edges_is_looked_up_by_recipe_again_because_an_equal_one_may_have_ended(chain):
    task = chain.task("x")
    assert chain.look_up(task) is None
    chain.cache.keep([task.key], FOUND, node_type="Toy")
    assert chain.look_up(task) == Reuse(FOUND, "equal node")
    assert task.result is None, "the answer is not applied here"


def test_of_lazy_inputs_those_are_waited_for_that_it_is_known_to_request(chain):
    task = chain.task("l", arrived="xy")
    shallow = chain.shallow(task)
    chain.cache.keep_requested([shallow], RequestedInputs(("b",)))
    assert chain.look_up(task) == WaitForInputs(("b",))
    task.asked = ("b",)
    assert chain.look_up(task) is None


def test_what_its_key_does_not_cover_is_not_looked_up_by_recipe(chain):
    chain.planner.task(chain.frame, "x").unkeyed = True
    task = chain.task("z", arrived="x")
    assert chain.look_up(task) is None
    assert task.unkeyed
    assert task.key not in chain.leads


def test_a_result_that_was_lost_or_is_to_be_checked_is_not_looked_up_by_values(chain):
    task = chain.task("z", arrived="x")
    chain.cache.keep([chain.shallow(task)], FOUND, node_type="Toy")
    task.lost = True
    assert chain.look_up(task) is None


def test_a_result_whose_values_are_gone_does_not_answer(chain):
    task = chain.task("z", arrived="x")
    assert chain.chain.usable(task, Result(None, (b"c2",)), "equal node") is None
    assert chain.chain.usable(task, RequestedInputs(("a",)), "equal node") is None
