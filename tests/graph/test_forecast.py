"""What a run would do, told without running: what is remembered, what is not needed, and what changed elsewhere."""

import pytest

from graph.build import build
from graph.explain import History, Part, literal_part
from graph.files import Files
from graph.forecast import forecast
from graph.keys import cache_keys
from graph.result import Result
from tests.support.toys import toy_registry, workflow_from_text

REGISTRY = toy_registry()


class Told:
    """A workflow, of which some nodes are remembered; the history knows the calls of a run before."""

    def __init__(self, text, remembered=(), before=None, **inputs):
        self.graph = self.build(text, inputs)
        self.history = History()
        if before is not None:
            for call in self.build(text, before).calls.values():
                parts = {name: literal_part(value) for name, value in call.literals.items()}
                parts |= {name: Part(b"of " + edge.node.encode(), "", edge.node) for name, edge in call.edges.items()}
                self.history.remember(call.type.id, call.id, call.type.recipe, parts)
        found = {node: Result((1,), (b"of " + node.encode(),)) for node in remembered}
        items = forecast(self.graph, cache_keys(self.graph, Files()), lambda call: found.get(call.id), self.history)
        self.items = {item.node: item for item in items}

    def build(self, text, inputs):
        return build(workflow_from_text(text, inputs=inputs), REGISTRY, Files())

    @property
    def running(self):
        return [node for node, item in self.items.items() if item.runs]

    def code(self, node):
        return self.items[node].reason.code

    def message(self, node):
        return self.items[node].reason.message


CHAIN = "a -> b, b -> c, c -> save:Keep"


def test_what_was_never_run_is_new():
    told = Told(CHAIN)
    assert told.running == ["a", "b", "c", "save"]
    assert {told.code(node) for node in told.running} == {"new"}


def test_nothing_above_a_remembered_node_is_needed():
    told = Told(CHAIN, remembered=["c"], before={})
    assert told.running == ["save"]
    assert [told.code(node) for node in "abc"] == ["not_needed", "not_needed", "remembered"]


def test_the_input_that_changed_is_named_and_what_is_below_depends_on_the_node():
    told = Told(CHAIN, remembered=["a"], before={}, b={"number": 7})
    assert told.running == ["b", "c", "save"]
    assert told.message("b") == "changed: number (0 -> 7)"
    assert told.message("c") == "it depends on node b, which would run"
    assert told.items["c"].reason.inputs[0].source == "b"


def test_what_is_no_longer_kept_was_forgotten():
    told = Told(CHAIN, remembered=["a"], before={})
    assert told.code("b") == "forgotten"


def test_what_can_never_be_reused_says_so():
    told = Told("a:Impure -> b, b -> save:Keep", before={})
    assert (told.code("a"), "cache=False" in told.message("a")) == ("not_reusable", True)
    assert told.running == ["a", "b", "save"]


def test_it_is_told_to_programs():
    told = Told("a -> save:Keep", remembered=["a"])
    assert told.items["a"].as_json() == {
        "node": "a", "runs": False, "code": "remembered", "message": "its result is remembered"
    }  # fmt: skip
    assert told.items["save"].as_json()["runs"] is True


@pytest.mark.parametrize(
    ("value", "text"),
    [(1, "1"), ("a boat", "a boat"), (None, "None"), ("x" * 100, "x" * 77 + "..."), ([1, 2], "[1, 2]")],
)
def test_a_literal_is_shown_short(value, text):
    assert literal_part(value).text == text


def test_a_number_too_long_to_be_written_is_shown_too():
    assert literal_part(2**50_000).text.startswith("0x1000")
    assert literal_part(object()).mark == b"?"
