"""Ends of a graph that are not installed may have been meant to save something: they are named."""

from __future__ import annotations

from graph.building.missing_outputs import MOST, unknown_ends
from graph.document.workflow import Node, Reference
from tests.support.toys import toy_registry, workflow_from_text


def ends_of(text: str) -> list[str]:
    return unknown_ends(workflow_from_text(text).nodes, toy_registry())


def test_an_unknown_node_that_is_fed_and_feeds_none_is_an_end() -> None:
    assert ends_of("a -> s:FancySave, a -> k:Keep") == ["s"]


def test_what_is_known_fed_by_none_read_by_others_muted_or_bypassed_is_none() -> None:
    assert ends_of("a -> b -> k:Keep") == []
    assert ends_of("x:Lonely, a -> k:Keep") == []
    assert ends_of("a -> u:Unknown -> k:Keep") == []
    assert ends_of("a -> m:Fancy!, a -> n:Fancy?, a -> k:Keep") == []


def test_a_node_that_a_muted_one_reads_is_no_end() -> None:
    assert ends_of("a -> u:Unknown -> k:Keep!") == []


def test_of_very_many_the_first_are_named() -> None:
    nodes = {"a": Node("Add")} | {f"u{n}": Node("Unknown", {"x": Reference("a", "INT")}) for n in range(MOST + 5)}
    assert unknown_ends(nodes, toy_registry()) == [f"u{n}" for n in range(MOST)]
