"""What nodes warn of is bounded, listed once, and counted over the items of a stream."""

from __future__ import annotations

import pytest

from graph.node_types.warnings import (
    LONGEST,
    MOST_WARNINGS,
    NO_WARNINGS,
    NodeWarning,
    NodeWarnings,
    WarningCollector,
    in_words,
)


def gathered(*said: tuple[str, tuple[int, ...]]) -> NodeWarnings:
    collector = WarningCollector()
    for message, item in said:
        collector.add(message, item=item)
    return collector.taken()


def test_what_is_said_twice_is_listed_once() -> None:
    collector = WarningCollector()
    assert collector.add("a")
    assert not collector.add("a")
    assert collector.add("b")
    assert collector.taken() == NodeWarnings((NodeWarning("a"), NodeWarning("b")))


def test_of_items_it_is_told_how_many_and_which_was_first_whatever_the_order() -> None:
    found = gathered(("a", (3,)), ("a", (1,)), ("b", (0,)), ("a", (2,)))
    assert found.listed == (NodeWarning("b", 1, (0,)), NodeWarning("a", 3, (1,)))
    assert found.lines() == ["item 0: b", "item 1 and 2 more: a"]


def test_beyond_a_number_they_are_counted() -> None:
    found = gathered(*((str(number), ()) for number in range(MOST_WARNINGS + 3)))
    assert len(found.listed) == MOST_WARNINGS
    assert (found.more, found.count) == (3, MOST_WARNINGS + 3)
    assert found.lines()[-1] == "and 3 more"


def test_what_was_gathered_elsewhere_is_taken_in_for_an_item() -> None:
    collector = WarningCollector()
    collector.add_all(NodeWarnings((NodeWarning("a"),), more=2), item=(5,))
    collector.add_all(NodeWarnings((NodeWarning("a"),)), item=(4,))
    assert collector.taken() == NodeWarnings((NodeWarning("a", 2, (4,)),), more=2)


def test_without_warnings_there_is_one_empty_answer() -> None:
    assert WarningCollector().taken() is NO_WARNINGS
    assert not NO_WARNINGS
    assert NO_WARNINGS.lines() == []


def test_what_is_stored_is_read_as_it_was() -> None:
    found = gathered(("a", (3,)), ("b", (1, 2)))
    assert NodeWarnings.from_data(found.as_data()) == found
    assert NodeWarnings.from_data([[], 0]) is NO_WARNINGS


@pytest.mark.parametrize("data", [None, [], [1], [[["a"]], 0], [[["a", "x", []]], 0], [[["a", 1, ["y"]]], 0]])
def test_what_makes_no_sense_is_refused(data: object) -> None:
    with pytest.raises((TypeError, ValueError)):
        NodeWarnings.from_data(data)


def test_a_plain_warning_is_only_its_message() -> None:
    assert NodeWarning("a").as_json() == {"message": "a"}
    assert NodeWarning("a", 2, (1, 0)).as_json() == {"message": "a", "times": 2, "item": [1, 0]}
    assert str(NodeWarning("a", 1, (1, 0))) == "item 1.0: a"


@pytest.mark.parametrize(
    ("message", "shown"),
    [("  a  ", "a"), (7, "7"), ("", "something is not as it should be"), ("half \ud800", "half ?")],
)
def test_a_message_is_text_that_can_be_written_down(message: object, shown: str) -> None:
    assert in_words(message) == shown


def test_a_long_message_is_cut() -> None:
    assert in_words("x" * LONGEST) == "x" * LONGEST
    assert in_words("x" * (LONGEST + 1)) == "x" * (LONGEST - 1) + "…"
