"""Inputs that nobody could use are refused when their node is defined, with what to write instead."""

from typing import Annotated, Any, Literal, TypeVar

import pytest

from graph.api import Body, Choice, FileChoice, Lazy, NodeContext, Number, Seed, Slider, SocketType, Text, Toggle
from graph.node_types.node_type import NodeDefinitionError
from tests.support.toys import type_from

B = TypeVar("B", bound=int)
C = TypeVar("C", int, str)
THING = SocketType("THING")


def defined(hint, *default):
    """A node type with one input."""

    def with_default(value=default[0] if default else None):
        """Take it."""

    def without(value):
        """Take it."""

    take = with_default if default else without
    take.__annotations__.update(value=hint, **{"return": int})
    return type_from(take).by_name["value"]


@pytest.mark.parametrize(
    ("hint", "default", "advice"),
    [
        (Annotated[int, Number(0, 10)], 50, "the default 50 would be refused; use a whole number from 0 to 10"),
        (
            Annotated[int, Seed()],
            -1,
            "the default -1 would be refused; use a whole number from 0 to 18446744073709551615",
        ),
        (int, "x", "the default 'x' would be refused; use a whole number"),
        (int, 1.5, "the default 1.5 would be refused; use a whole number"),
        (float, float("nan"), "the default nan would be refused; use a finite number"),
        (bool, 1, "the default 1 would be refused; use true or false"),
        (Literal["a", "b"] | None, "z", "the default 'z' would be refused; use one of 'a', 'b'"),
        (int, None, "the default is None, which the input does not take; write '| None = None'"),
        (Annotated[Any, THING], None, "the default is None, which the input does not take; write '| None = None'"),
        (Annotated[str, Slider(0, 1)], "a", "Slider sets INT or FLOAT, and the input is of type STRING"),
        (Annotated[float, Seed()], 0, "Seed sets INT, and the input is of type FLOAT"),
        (Annotated[int, Text()], 0, "Text sets STRING, and the input is of type INT"),
        (Annotated[str, Toggle()], "", "Toggle sets BOOLEAN, and the input is of type STRING"),
        (Annotated[float, Slider(1, 0)], 0.5, "the limits 1 and 0 leave nothing between them"),
        (
            Annotated[int, Number(0, 64, multiple_of=8)],
            12,
            "the default 12 would be refused; use a multiple of 8 from 0 to 64",
        ),
        (Annotated[int, Number(4, 64, multiple_of=8)], 8, "the limit 4 is not a multiple of 8 itself"),
        (Annotated[int, Number(multiple_of=0)], 8, "multiple_of=0 is no whole number of at least 1"),
        (Annotated[float, Slider(0)], 0.5, "a slider needs both limits; write Slider(0, 1)"),
        (Annotated[str, Choice(())], "", "there is nothing to choose from; give Choice(...) its options"),
        (Annotated[int, FileChoice("input")], 0, "a choice is a text; write Annotated[str, ...]"),
        (Literal[1, 2], 1, "a choice is a text; write Literal['1', '2'], and int(...) inside"),
        (B, 1, "~B stands for any type; a union such as int | float says which"),
        (C, 1, "~C stands for any type; a union such as int | float says which"),
    ],
)
def test_what_nobody_could_use_is_refused(hint, default, advice):
    with pytest.raises(NodeDefinitionError) as caught:
        defined(hint, default)
    assert str(caught.value) == f"Toy.value: {advice}"


@pytest.mark.parametrize(
    ("hint", "default"),
    [
        (float, 2),
        (int, 2.0),
        (Annotated[int | float, Number(0, 1)], 0.5),
        (Annotated[Any, THING, Text()], "a thing that is written"),
        (Annotated[Any, THING] | None, None),
        (Any, None),
        (Lazy[int] | None, None),
        (Annotated[str, FileChoice("input")], "not there yet.png"),
        (Literal["a", "b"] | None, None),
    ],
)
def test_what_can_be_used_is_taken(hint, default):
    assert defined(hint, default).default == default


def test_without_a_default_there_is_nothing_to_refuse():
    assert defined(Annotated[int, Number(5, 10)]).name == "value"
    assert defined(Body).widget.kind == "subworkflow"


def test_a_node_has_one_context():
    def take(one: NodeContext, other: NodeContext) -> int:
        """Take two."""
        return 0

    with pytest.raises(NodeDefinitionError, match="'one' and 'other' are both the context; keep one"):
        type_from(take)
