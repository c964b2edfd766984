"""What people read of a graph that cannot run: what was expected, what was found, and what to do."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

import pytest

from graph.base.errors import Problem
from graph.building import problems
from graph.building.problems import EdgeProblem, NodeLocation
from graph.document.workflow import Reference
from graph.files.folders import FileNameError
from graph.node_types.generics import Clash
from graph.node_types.node_type import Input, NodeType, Output
from graph.node_types.registry import MissingPack
from graph.node_types.sockets import ANY, INT, STRING, Fit, SocketType
from graph.node_types.widgets import Number
from tests.support.toys import toy_registry

AT = NodeLocation("3", "Blur")
REGISTRY = toy_registry()
BROKEN = MissingPack("fancy", "no module 'x'", "fancy/nodes.py:3", ("Blur",))


def test_a_location_is_that_of_its_problems() -> None:
    assert AT.problem("code", "It broke", "radius", "more", "less", "mend it") == Problem(
        "code", "It broke", "3", "Blur", "radius", "more", "less", "mend it"
    )


@pytest.mark.parametrize(
    ("problem", "code", "remedy"),
    [
        (problems.unknown_target("savee", ["save", "a"]), "unknown_target", "did you mean 'save'?"),
        (problems.unknown_target("zzz", ["save"]), "unknown_target", "name the id of a node of this workflow"),
        (problems.unknown_type(AT, "BlurImage"), "unknown_node_type", "did you mean 'BlurImage'?"),
        (problems.unknown_type(AT, None), "unknown_node_type", "install the pack that has it, or mute the node"),
        (problems.unknown_type(AT, "B", BROKEN), "unknown_node_type", "fix the pack 'fancy', or mute the node"),
        (problems.unknown_input(AT, "radus", ["radius"]), "unknown_input", "did you mean 'radius'?"),
        (problems.unknown_input(AT, "q", ["radius"]), "unknown_input", "remove it; the node has the inputs radius"),
        (problems.unknown_input(AT, "q", []), "unknown_input", "remove it; the node has the inputs none at all"),
        (problems.bypassed_target(AT), "bypassed_target", "activate it, or name the node that feeds it"),
    ],
)
def test_the_remedy_names_what_was_probably_meant(problem: Problem, code: str, remedy: str) -> None:
    assert (problem.code, problem.remedy) == (code, remedy)


@pytest.mark.parametrize(
    ("node_ids", "because"), [(("Blur",), "because pack 'fancy'"), ((), "and of the packs that the workflow names")]
)
def test_a_pack_that_was_left_out_is_to_blame_as_far_as_that_is_known(node_ids: tuple[str, ...], because: str) -> None:
    absent = MissingPack("fancy", "no module 'x'", "fancy/nodes.py:3", node_ids)
    message = problems.unknown_type(AT, None, absent).message
    assert because in message
    assert message.endswith("(fancy/nodes.py:3: no module 'x')")


@pytest.mark.parametrize(
    ("item", "expected", "remedy"),
    [
        (Input("value", ANY), "a connection", "connect an output of any type"),
        (Input("value", INT, widget=Number()), INT.describe, "give it a value"),
        (
            Input("value", SocketType("NEVER")),
            "a connection from an output of type NEVER",
            "connect an output of type NEVER",
        ),
        (
            Input("value", SocketType("BOX")),
            "a connection from an output of type BOX",
            "connect a node such as Box",
        ),
    ],
    ids=["anything", "written", "nobody makes it", "a node makes it"],
)
def test_of_a_missing_input_it_is_told_what_would_fill_it(item: Input, expected: str, remedy: str) -> None:
    found = problems.missing_input(AT, item, REGISTRY)
    assert (found.socket, found.expected, found.got, found.remedy) == ("value", expected, "nothing", remedy)


@pytest.mark.parametrize(
    ("output", "fit", "got", "remedy"),
    [
        (Output("TEXT", STRING), Fit(False, "no"), "STRING", "connect an output of type INT"),
        (Output("TEXT", STRING, is_list=True), Fit(False, "no"), "a list of STRING", "connect an output of type INT"),
        (Output("TEXT", STRING), Fit(False, "no", remedy="use Number"), "STRING", "use Number"),
    ],
)
def test_of_an_edge_that_does_not_fit_both_ends_are_named(output: Output, fit: Fit, got: str, remedy: str) -> None:
    found = problems.wrong_edge(AT, Input("value", INT), NodeLocation("1", "Text"), output, fit)
    assert (found.code, found.message, found.expected, found.got) == ("wrong_socket_type", "no", "INT", got)
    assert found.remedy.startswith(remedy)
    assert isinstance(found, EdgeProblem)
    assert (found.source, found.giver) == ("1", "Text.TEXT")


@pytest.mark.parametrize("source", [None, NodeLocation("1", "Text")], ids=["a literal", "an edge"])
def test_a_clash_of_types_is_one_of_an_edge_where_an_edge_brought_the_second(source: Any) -> None:
    found = problems.clash_of_types(AT, Clash("b", "a", "INT", "STRING"), source)
    assert found.message == "inputs a and b are of one type, and STRING does not fit INT"
    assert (found.socket, isinstance(found, EdgeProblem)) == ("b", source is not None)


def test_an_output_that_there_is_not_is_told_with_those_that_there_are() -> None:
    split = REGISTRY.get("Split")
    assert isinstance(split, NodeType)
    close = problems.unknown_output(AT, Input("value", INT), Reference("1", "hole"), split)
    far = problems.unknown_output(AT, Input("value", INT), Reference("1", "zzz"), split)
    assert close.expected == "one of the outputs of node 1 (Split): whole, half"
    assert "did you mean" in close.remedy
    assert far.remedy == "connect one of: whole, half"


def test_a_long_unknown_word_is_cut() -> None:
    found = problems.unknown_word(AT, Input("name", STRING), f"%{'x' * 500}%", "")
    assert found.got == f"%{'x' * 59}..."
    assert "%KSampler.seed%" in found.remedy


@pytest.mark.parametrize(("place", "got"), [("cats/red", "output/cats/red"), (".", "output/")])
def test_a_folder_that_cannot_be_written_is_named_with_its_kind(place: str, got: str) -> None:
    node_type = NodeType("Save", "Save", "test", "", (), (), function=lambda: None, writes="output")
    found = problems.cannot_write(AT, node_type, FileNameError("it is full", "empty it"), PurePosixPath(place))
    assert (found.code, found.message, found.got, found.remedy) == ("cannot_write", "it is full", got, "empty it")


def test_a_circle_is_told_from_a_node_back_to_it() -> None:
    found = problems.circle([NodeLocation("1", "A"), NodeLocation("2", "B")])
    assert (found.code, found.node, found.got) == ("cycle", "1", "1 (A) -> 2 (B) -> 1 (A)")


def test_why_nothing_would_run_is_a_muted_node_or_that_nothing_is_saved() -> None:
    muted = problems.nothing_to_run(["7", "3", "7"])
    assert (muted.code, muted.node, "(3, 7)" in muted.message) == ("nothing_to_run", "3", True)
    assert problems.nothing_to_run([]).code == "no_targets"
