"""What nodes raise becomes a problem of the node that a person sees, and of nothing else."""

from dataclasses import replace

import pytest

from graph.api import Each, Expand, Expansion, Items, NodeError
from graph.building.stream_groups import NO_STREAM_GROUPS
from graph.document.workflow import Node
from graph.node_types.context import CancelledError
from graph.planning.tasks import CallTask, Frame, GraphInstance
from graph.running import events
from graph.running.failures import Failures
from graph.running.publisher import Publisher
from graph.running.run_log import RunLog
from tests.support.house import add, out
from tests.support.toys import workflow_from_text


@pytest.fixture
def run(house):
    def run(text, targets=None, inputs=None):
        house.told.clear()
        return house.engine.run(workflow_from_text(text, inputs=inputs or {}), targets, listener=house.told.append)

    return run


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ("plain", "ValueError: the loom is on fire"),
        ("silent", "ValueError"),
        ("exit", "SystemExit: 3"),
        ("interrupt", "KeyboardInterrupt"),
    ],
)
def test_whatever_a_node_raises_ends_that_node_and_nothing_else(house, run, how, message):
    outcome = run("f:Fail -> b -> k:Keep, a -> l:Keep", inputs={"f": {"how": how}})
    (problem,) = outcome.problems
    assert (problem.code, problem.node, problem.node_type, problem.message) == ("node_failed", "f", "Fail", message)
    assert outcome.status == "failed"
    assert sorted(outcome.ran) == ["a", "l"]
    assert sorted(event.node for event in house.of(events.NodeSkipped)) == ["b", "k"]
    assert {event.because for event in house.of(events.NodeSkipped)} == {"f"}
    assert "in fail" in house.of(events.NodeFailed)[0].traceback
    assert [event.number for event in house.told] == [*range(1, len(house.told) + 1)]


def test_an_error_that_knows_its_input_and_remedy_passes_them_on(run):
    (problem,) = run("f:Fail", ["f"], inputs={"f": {"how": "node_error"}}).problems
    assert (problem.message, problem.socket, problem.remedy) == ("the yarn is torn", "in0", "mend the yarn")


def test_several_failures_are_all_told(run):
    outcome = run("f:Fail -> k:Keep, g:Fail -> k, h:Fail -> l:Keep")
    assert sorted(problem.node for problem in outcome.problems) == ["f", "g", "h"]


class Reports:
    """The failures of calls `a`, `b` and `c` of one run, with what was told of them."""

    def __init__(self, engine):
        graph = engine.check(workflow_from_text("a"), ["a"])
        self.told = []
        self.log = RunLog(Publisher("r", self.told.append, lambda error: None))
        self.failures = Failures(self.log, lambda problem: replace(problem, node=f"seen as {problem.node}"))
        frame = Frame(GraphInstance(graph, NO_STREAM_GROUPS), {})
        self.a, self.b, self.c = (CallTask(name, graph.calls["a"], frame, b"key") for name in "abc")


@pytest.fixture
def reports(engine):
    return Reports(engine)


def test_a_problem_is_that_of_the_node_which_a_person_sees(reports):
    reports.failures.report(reports.a, ValueError("torn"))
    (failed,) = reports.told
    assert (failed.node, failed.problem.node, failed.problem.node_type) == ("a", "seen as a", "Add")
    assert (failed.problem.code, failed.problem.message) == ("node_failed", "ValueError: torn")
    assert reports.log.problems == [failed.problem]


def test_a_node_that_notices_the_cancelling_has_not_failed(reports):
    reports.failures.report(reports.a, CancelledError())
    assert reports.told == [events.NodeCancelled("r", 1, "a")]
    assert (reports.log.problems, reports.log.failed) == ([], False)
    assert not reports.failures.inherit(reports.b, "a")


def test_a_call_inherits_what_failed_in_its_place_once_it_has_failed(reports):
    assert not reports.failures.inherit(reports.b, "a")
    assert reports.told == []
    reports.failures.report(reports.a, ValueError("torn"))
    assert reports.failures.inherit(reports.b, "a")
    assert [(event.node, event.problem.node) for event in reports.told] == [("a", "seen as a"), ("b", "seen as a")]
    assert reports.failures.inherit(reports.c, "b"), "and so on, from the call that inherited it"


def test_what_was_inherited_is_inherited_further_out(house):
    def around(name):
        def function(value: int = 0) -> int | Expand:
            inner = Expansion()
            return inner.returns(inner.add(name, id="in")["INT"])

        return function

    house.add(around("Fail"), id="One")
    house.add(around("One"), id="Two")
    outcome = house.run({"t": Node("Two"), "k": add("k", out("t"))}, ["k"])
    assert [event.node for event in house.of(events.NodeFailed)] == ["t/in/in", "t/in", "t"]
    assert [(problem.node, problem.inner) for problem in outcome.problems] == [("t", "in/in")]


@pytest.mark.parametrize(("keep_going", "code"), [(True, "item_failed"), (False, "node_failed")])
def test_of_an_item_it_is_told_which_and_whether_the_others_go_on(house, keep_going, code):
    def count(stop: int) -> Each[int]:
        return Items(iter(range(stop)), stop, keep_going)

    def odd(value: int) -> int:
        if value == 1:
            raise NodeError("torn")
        return value

    house.add(count, id="Count")
    house.add(odd, id="Odd")
    outcome = house.run({"c": Node("Count", {"stop": 3}), "o": Node("Odd", {"value": out("c")})}, ["o"])
    (problem,) = outcome.problems
    assert (problem.code, problem.node, problem.message) == (code, "o", "item 1: torn")
