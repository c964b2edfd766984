"""Why a node is called, as the events of a run tell it."""

import os

import pytest

from graph.api import Each
from graph.document.workflow import Node
from graph.running import events
from tests.support.house import House, add, out


def reasons(house):
    """Node -> why it ran, in the last run."""
    return {event.node: event.reason for event in house.of(events.NodeStarted)}


def codes(house):
    return {node: reason.code for node, reason in reasons(house).items()}


def test_what_never_ran_is_new_and_what_changed_says_how(house):
    house.run({"a": add("a"), "b": add("b", out("a"))}, ["b"])
    assert codes(house) == {"a": "new", "b": "new"}
    house.run({"a": add("a", number=5), "b": add("b", out("a"))}, ["b"])
    assert codes(house) == {"a": "changed", "b": "changed"}
    assert [tuple(item) for item in reasons(house)["a"].inputs] == [("number", "0", "5", "")]
    assert [(item.name, item.source) for item in reasons(house)["b"].inputs] == [("in0", "a")]


@pytest.mark.parametrize(
    ("nodes", "node", "words"),
    [
        ({"i": Node("Impure", {"name": "i"})}, "i", "to run every time"),
        ({"t": Node("Thing"), "a": Node("Look", {"value": out("t", "output")})}, "a", "the value of value from node t"),
    ],
    ids=["the node itself", "what it is given"],
)
def test_what_can_never_be_reused_says_what_is_to_blame(house, nodes, node, words):
    def thing() -> object:
        return object()

    def look(value: object) -> int:
        return 1

    house.add(thing, id="Thing", cache=False)
    house.add(look, id="Look")
    for _ in range(2):
        house.run(nodes, list(nodes))
        assert reasons(house)[node].code == "not_reusable"
        assert words in reasons(house)[node].message


def test_what_was_let_go_is_forgotten(files):
    house = House(files, cache_bytes=0)
    for code in ("new", "forgotten"):
        house.run({"a": add("a")}, ["a"])
        assert codes(house) == {"a": code}
    house.engine.close()


def test_a_changed_file_is_told_with_its_time(house, tmp_path):
    path = tmp_path / "input" / "cat.txt"
    path.write_text("cat")
    nodes = {"c": Node("Choose", {"file": "cat.txt"})}
    house.run(nodes, ["c"])
    os.utime(path, (86400 * 365, 86400 * 365))
    house.run(nodes, ["c"])
    (change,) = reasons(house)["c"].inputs
    assert change.name == "file"
    assert change.now.startswith("cat.txt of 197")
    assert change.was != change.now


def test_an_author_s_fingerprint_is_an_input_like_others_also_one_that_raises(house):
    state = ["one"]

    def mood() -> object:
        if state[0] is None:
            raise OSError("no mood")
        return state[0]

    def moody() -> int:
        return 1

    house.add(moody, id="Moody", fingerprint=mood)
    nodes = {"m": Node("Moody")}
    house.run(nodes, ["m"])
    state[0] = "two"
    house.run(nodes, ["m"])
    assert [item.name for item in reasons(house)["m"].inputs] == ["fingerprint"]
    state[0] = None
    assert house.run(nodes, ["m"]).status == "finished"
    assert codes(house) == {"m": "not_reusable"}


def test_of_a_stream_the_first_item_that_runs_is_told(house):
    def count(stop: int) -> Each[int]:
        yield from range(stop)

    house.add(count, id="Count")
    for stop in (3, 5):
        nodes = {"c": Node("Count", {"stop": stop}), "p": Node("Pass", {"in0": out("c"), "name": "p"})}
        house.run(nodes, ["p"])
    assert set(codes(house)) == {"c", "p"}
    assert codes(house)["c"] == "changed"


def test_huge_numbers_and_texts_are_told_in_short(house):
    for number in (2**20_000, 2**20_000 + 1):
        house.run({"a": Node("Any", {"value": "x" * 5000 + str(number % 7)}), "b": add("b", number=number)}, ["a", "b"])
    for reason in reasons(house).values():
        assert all(len(item.was) < 200 and len(item.now) < 200 for item in reason.inputs)
        assert len(reason.message) < 1000
