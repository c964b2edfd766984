"""What a document has to pass before it is queued: it can be built, and all its texts and numbers are taken."""

from __future__ import annotations

import pytest

from graph.base.errors import WorkflowError
from graph.building.validation import validate
from graph.document.workflow import Node, Workflow
from graph.files.folders import Files
from tests.support.toys import toy_registry, workflow_from_text

HALF = "half a character: \ud800"


def problems_of(workflow: Workflow) -> list[tuple[str, str, str]]:
    with pytest.raises(WorkflowError) as caught:
        validate(workflow, toy_registry(), Files())
    return [(problem.code, problem.node, problem.socket) for problem in caught.value.problems]


def test_a_sound_document_gives_the_graph_of_its_targets() -> None:
    graph = validate(workflow_from_text("a -> b, a -> k:Keep"), toy_registry(), Files())
    assert graph.targets == ("k",)
    assert list(validate(workflow_from_text("a -> b -> k:Keep"), toy_registry(), Files(), ["b"]).calls) == ["a", "b"]


def test_what_cannot_be_built_is_refused() -> None:
    assert problems_of(workflow_from_text("a:Nothing -> k:Keep")) == [("unknown_node_type", "a", "")]


def test_a_text_that_no_file_can_hold_is_refused_though_its_node_would_not_run() -> None:
    workflow = workflow_from_text("a -> k:Keep, lonely")
    spoilt = workflow.with_input("lonely", "name", HALF)
    ((_, node, socket),) = problems_of(spoilt)
    assert (node, socket) == ("lonely", "name")


def test_both_are_told_at_once_and_nothing_twice() -> None:
    workflow = workflow_from_text("a:Nothing -> k:Keep, lonely").with_input("lonely", "name", HALF)
    assert {node for _, node, _ in problems_of(workflow)} == {"a", "lonely"}
    spoilt = Workflow({"k": Node("Keep", {"name": HALF})})
    places = [(node, socket) for _, node, socket in problems_of(spoilt)]
    assert len(places) == len(set(places))
