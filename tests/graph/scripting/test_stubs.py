"""The text of a stub: a method for each node type, with what its inputs take and what it gives."""

import ast
from typing import Annotated, Any, Literal, NamedTuple

from graph.api import Label, Number, SocketType, Text
from graph.scripting.stubs import stub_text
from tests.support.toys import type_from

Image = Annotated[Any, SocketType("IMAGE", converts={"MASK": lambda value: value})]
Thing = Annotated[Any, SocketType("THING")]


class Both(NamedTuple):
    """Two outputs, one of which has the name of an attribute of nodes."""

    IMAGE: Annotated[Image, 'The """picture"""']
    title: str


def stub(*node_types):
    text = stub_text(node_types, "HEAD", "class Workflow:")
    ast.parse(text)
    return text


def test_a_method_says_what_inputs_take_with_defaults_and_help():
    def toy(
        image: Image,
        thing: Thing | None = None,
        steps: Annotated[int, Number(1, 9), Label("Steps"), "How many"] = 5,
        how: Literal["a", "b"] = "a",
        strength: float = 0.5,
        texts: list[str] | None = None,
        any_thing: Any = None,
    ) -> Image:
        """Do it."""
        return image

    text = stub(type_from(toy))
    for line in (
        "image: IMAGE | Picture | Link[IMAGE | MASK],",
        "thing: THING | Link[THING] | None = None,",
        "steps: int | Link[int] = 5,",
        "how: Literal['a', 'b'] | Link[str] = 'a',",
        "strength: float | Link[float | int] = 0.5,",
        "any_thing: Any = None,",
        ") -> IMAGE_IMAGE_Node:",
        '"""Toy. Do it.',
        "steps: How many",
        "class IMAGE(Tensor):",
        "class THING:",
    ):
        assert line in text
    assert "texts: str | list[str] | Link[str]" in text


def test_several_outputs_are_a_tuple_with_names_but_for_those_that_nodes_have():
    def toy(name: Annotated[str, Text()] = "a" * 100) -> Both:
        """Two."""

    text = stub(type_from(toy))
    assert "class ToyNode(tuple[Output[IMAGE], Output[str]], NodeHandle):" in text
    assert "    IMAGE: Output[_IMAGE]" in text
    assert "title: Output" not in text
    assert "name: str | Link[str] = ...," in text
    assert "The '''picture'''" in text


def test_nodes_without_outputs_and_names_that_python_cannot_write():
    def toy(number: int = 1) -> None:
        """Nothing."""

    text = stub(type_from(toy, side_effect=True), type_from(toy, id="Not a name", side_effect=True))
    assert ") -> NodeHandle:" in text
    assert "Not a name" not in text


def test_the_order_of_types_does_not_matter():
    def toy(number: int = 1) -> int:
        """One."""
        return number

    types = [type_from(toy, id=name) for name in ("B", "A", "C")]
    assert stub(*types) == stub(*reversed(types))
