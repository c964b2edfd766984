"""A node type is data: what follows from its inputs and outputs is worked out once."""

from __future__ import annotations

from typing import Any

import pytest

from graph.node_types.node_type import NO_LABEL, REQUIRED, Input, NodeType, Output
from graph.node_types.sockets import INT, STRING, generic
from graph.node_types.widgets import Label, Text


def node_type(inputs: tuple[Input, ...] = (), outputs: tuple[Output, ...] = (), **options: Any) -> NodeType:
    return NodeType("N", "N", "test", "", inputs, outputs, function=lambda: None, **options)


def test_inputs_and_outputs_are_found_by_name() -> None:
    found = node_type((Input("a", INT), Input("b", INT, lazy=True)), (Output("X", INT), Output("Y", STRING)))
    assert found.by_name["b"] is found.inputs[1]
    assert found.output_index == {"X": 0, "Y": 1}
    assert found.lazies == ("b",)


@pytest.mark.parametrize(
    ("outputs", "streams", "is_generic"),
    [
        ((), False, False),
        ((Output("X", INT),), False, False),
        ((Output("X", INT), Output("Y", INT, each=True)), True, False),
        ((Output("X", INT, is_list=True),), False, False),
        ((Output("X", INT), Output("Y", generic("T"))), False, True),
    ],
)
def test_one_output_makes_a_node_a_stream_or_one_that_passes_on(
    outputs: tuple[Output, ...], streams: bool, is_generic: bool
) -> None:
    found = node_type(outputs=outputs)
    assert (found.streams, found.generic) == (streams, is_generic)


def test_inputs_that_begin_the_names_of_files_are_known() -> None:
    name, text = Input("name", STRING, widget=Text(file_name=True)), Input("text", STRING, widget=Text())
    assert node_type((text, name)).named == (name,)


@pytest.mark.parametrize(
    ("name", "label", "title"),
    [("start_at_step", NO_LABEL, "Start at step"), ("CFG", NO_LABEL, "Cfg"), ("cfg", Label("CFG"), "CFG")],
)
def test_a_person_reads_the_label_or_the_name(name: str, label: Label, title: str) -> None:
    assert Input(name, INT, label=label).title == title


def test_a_required_input_says_so() -> None:
    assert Input("a", INT).default is REQUIRED
    assert repr(REQUIRED) == "required"


def test_two_types_are_equal_whatever_their_packs_stand_on() -> None:
    function = lambda: None  # noqa: E731 - the same for both
    one = NodeType("N", "N", "test", "", (), (), function=function, recipe=b"1")
    assert one == NodeType("N", "N", "test", "", (), (), function=function, recipe=b"2")
