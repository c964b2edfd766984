"""What nodes warn of: it belongs to the result, is shown with it again, and is bounded."""

import pytest

from graph.api import Each, Expand, Expansion, Item, Items, Lazy, NodeContext, NodeError
from graph.node_types.warnings import MOST_WARNINGS, NodeWarning, NodeWarnings
from graph.running import evaluation, events
from tests.support.remembering import Clock, House


@pytest.fixture
def house(tmp_path, monkeypatch):
    clock = Clock()
    monkeypatch.setattr(evaluation, "time", clock)
    house = House(tmp_path, clock)

    def warner(ctx: NodeContext, text: str = "it is empty", value: int = 1, name: str = "") -> int:
        house.recorder.begin(name)
        clock.now += 1.0
        for line in text.splitlines():
            ctx.warn(line)
        return value

    house.add(warner, id="Warner")
    yield house
    house.close()


def told(house) -> dict[str, list[str]]:
    """Node -> what is said of it in the end."""
    return {
        event.node: NodeWarnings(event.warnings, event.more).lines()
        for event in house.told
        if isinstance(event, events.NodeWarned)
    }


def shown(outcome) -> dict[str, list[str]]:
    return {node: warned.lines() for node, warned in outcome.warnings.items()}


def test_a_warning_is_told_while_the_run_goes_on_and_stands_in_its_outcome(house):
    outcome = house.run(["w"], w=("Warner", {"text": "the mask is empty"}))
    assert outcome.status == "finished"
    assert shown(outcome) == told(house) == {"w": ["the mask is empty"]}
    (warned,) = [event for event in house.told if isinstance(event, events.NodeWarned)]
    assert warned.as_json() == {
        "event": "node_warned", "run": outcome.run_id, "number": warned.number, "node": "w",
        "warnings": [{"message": "the mask is empty"}], "more": 0,
    }  # fmt: skip
    kinds = [type(event) for event in house.told if getattr(event, "node", "") == "w"]
    assert kinds == [events.NodeStarted, events.NodeWarned, events.NodeFinished]


def test_a_run_without_warnings_tells_of_none(house):
    assert not house.run(["w"], w=("Warner", {"text": ""})).warnings
    assert told(house) == {}


RESTART = pytest.mark.parametrize("restart", [False, True], ids=["in memory", "after a restart"])


@RESTART
def test_the_warning_of_a_reused_node_is_shown_again_with_whatever_is_the_target(house, restart):
    nodes = {"w": ("Warner", {"name": "w"}), "s": ("Warner", {"value": "@w.INT", "text": "", "name": "s"})}
    first = house.run(["s"], **nodes)
    house.calls()
    if restart:
        house.restart()
    for target in ("w", "s"):  # the second time the node is not even looked at
        outcome = house.run([target], **nodes)
        assert (house.calls(), outcome.status) == ([], "finished")
        assert shown(outcome) == told(house) == shown(first) == {"w": ["it is empty"]}


@RESTART
def test_the_warning_is_shown_when_the_values_that_arrive_are_those_of_before(house, restart):
    house.run(["w"], a=("Gate", {"value": 3, "name": "a"}), w=("Warner", {"value": "@a.INT", "name": "w"}))
    house.calls()
    if restart:
        house.restart()
    nodes = {"a": ("Gate", {"value": 3, "name": "b"}), "w": ("Warner", {"value": "@a.INT", "name": "w"})}
    for called in (["b"], []):
        outcome = house.run(["w"], **nodes)
        assert (house.calls(), shown(outcome), told(house)) == (called, {"w": ["it is empty"]}, told(house))


def test_equal_nodes_share_the_call_and_the_warning(house):
    nodes = {"a": ("Warner", {"name": "x"}), "b": ("Warner", {"name": "x"})}
    for calls in (["x"], []):
        outcome = house.run(["a", "b"], **nodes)
        assert house.calls() == calls
        assert shown(outcome) == told(house) == {"a": ["it is empty"], "b": ["it is empty"]}


def test_a_node_that_fails_shows_what_it_warned_of(house):
    def fails(ctx: NodeContext) -> int:
        ctx.warn("the file is odd")
        raise NodeError("and cannot be read")

    house.add(fails, id="Fails")
    outcome = house.run(["f"], f=("Fails", {}))
    assert outcome.status == "failed"
    assert shown(outcome) == told(house) == {"f": ["the file is odd"]}


def test_a_node_that_is_called_again_for_a_lazy_input_warns_once(house):
    def asks(value: Lazy[int], ctx: NodeContext) -> int:
        ctx.warn("this is a guess")
        return value.get()

    house.add(asks, id="Asks")
    outcome = house.run(["l"], a=("Gate", {"value": 3}), l=("Asks", {"value": "@a.INT"}))
    assert shown(outcome) == told(house) == {"l": ["this is a guess"]}


def test_what_is_said_twice_is_listed_once_and_the_rest_is_counted(house):
    lines = [f"number {index}" for index in range(MOST_WARNINGS + 3)]
    nodes = {"w": ("Warner", {"text": "\n".join([*lines, lines[0]])})}
    outcome = house.run(["w"], **nodes)
    assert shown(outcome) == told(house) == {"w": [*lines[:MOST_WARNINGS], "and 3 more"]}
    assert outcome.warnings["w"].count == MOST_WARNINGS + 3
    house.restart()
    assert shown(house.run(["w"], **nodes)) == told(house) == shown(outcome)


@pytest.fixture
def streaming(house):
    def count(stop: int = 4) -> Each[int]:
        return Items(range(stop), stop)

    def odd(value: int, ctx: NodeContext, name: str = "") -> int:
        house.recorder.begin(name)
        if value % 2:
            ctx.warn("odd")
        return value

    def total(values: list[int]) -> int:
        house.clock.now += 1.0
        return sum(values)

    def made(ctx: NodeContext, stop: int = 3) -> Each[int]:
        def make(number: int) -> int:
            house.recorder.begin("make")
            house.clock.now += 1.0
            ctx.warn(f"file {number} is cut")
            return number

        return Items([Item(number, lambda number=number: make(number)) for number in range(stop)], stop)

    for function, name in ((count, "Count"), (odd, "Odd"), (total, "Total"), (made, "Made")):
        house.add(function, id=name)
    return house


@RESTART
def test_warnings_of_items_are_merged_and_shown_again_with_what_was_collected(streaming, restart):
    nodes = {"c": ("Count", {}), "o": ("Odd", {"value": "@c.INT"}), "t": ("Total", {"values": "@o.INT"})}
    outcome = streaming.run(["t"], **nodes)
    assert outcome.warnings == {"o": NodeWarnings((NodeWarning("odd", 2, (1,)),))}
    assert shown(outcome) == told(streaming) == {"o": ["item 1 and 1 more: odd"]}
    streaming.calls()
    if restart:
        streaming.restart()
    assert shown(streaming.run(["t"], **nodes)) == told(streaming) == shown(outcome)
    assert streaming.calls() == []


def test_a_stream_of_many_items_with_one_warning_tells_it_twice(streaming):
    streaming.run(["t"], c=("Count", {"stop": 100}), o=("Odd", {"value": "@c.INT"}), t=("Total", {"values": "@o.INT"}))
    assert len([event for event in streaming.told if isinstance(event, events.NodeWarned)]) == 2
    assert told(streaming) == {"o": ["item 1 and 49 more: odd"]}


def test_what_is_said_while_an_item_is_made_belongs_to_this_item(streaming):
    nodes = {
        "m": ("Made", {}),
        "t": ("Total", {"values": "@m.INT"}),
        "o": ("Odd", {"value": "@m.INT"}),
        "u": ("Total", {"values": "@o.INT"}),
    }
    expected = {"m": [f"item {number}: file {number} is cut" for number in range(3)]}
    assert shown(streaming.run(["t"], **nodes)) == expected
    streaming.calls()
    streaming.restart()
    assert shown(streaming.run(["t"], **nodes)) == expected
    outcome = streaming.run(["u"], **nodes)  # the items are remembered, and what is below of them is new
    assert "make" not in streaming.calls()
    assert shown(outcome) == {**expected, "o": ["item 1: odd"]}


def test_what_runs_in_the_place_of_a_node_warns_for_it(house):
    def around(name: str = "") -> int | Expand:
        house.recorder.begin(name)
        graph = Expansion()
        inner = graph.add("Warner", text="inside", name="inner")
        return graph.returns(inner["INT"])

    house.add(around, id="Around")
    outcome = house.run(["a"], a=("Around", {"name": "around"}))
    assert shown(outcome) == told(house) == {"a": ["inside"]}
    house.calls()
    house.restart()
    assert shown(house.run(["a"], a=("Around", {"name": "around"}))) == {"a": ["inside"]}
