"""How a typed function becomes a node type, and which functions are refused with what advice."""

from typing import Annotated, Any, Literal, NamedTuple

import pytest

from graph.context import NodeContext
from graph.node_types import REQUIRED, NodeDefinitionError, node
from graph.sockets import ANY, COMBO, FLOAT, INT, STRING, SocketType
from graph.widgets import Choice, FileChoice, Label, Number, Slider, Text, Toggle
from tests.support.toys import Named, type_from

IMAGE = SocketType("IMAGE")


class Both(NamedTuple):
    picture: Annotated[bytes, IMAGE, "What was painted"]
    seed: int


def blur(
    image: Annotated[bytes, IMAGE],
    radius: Annotated[float, Slider(0, 100, step=0.1), "How far the blur reaches"] = 2.0,
    mask: Annotated[bytes, SocketType("MASK")] | None = None,
    mode: Literal["soft", "hard"] = "hard",
    edges: Annotated[bool, Label("Keep the edges", advanced=True)] = False,
) -> Annotated[bytes, IMAGE]:
    """Make a picture softer.

    A second paragraph.
    """
    return image


def test_the_signature_is_the_schema():
    described = type_from(blur, id="ImageBlur")
    assert [(item.name, item.type.name, item.default, item.optional) for item in described.inputs] == [
        ("image", "IMAGE", REQUIRED, False),
        ("radius", "FLOAT", 2.0, False),
        ("mask", "MASK", None, True),
        ("mode", "COMBO", "hard", False),
        ("edges", "BOOLEAN", False, False),
    ]
    assert [(item.name, item.type.name) for item in described.outputs] == [("IMAGE", "IMAGE")]


def test_widgets_tooltips_and_labels_come_from_annotated():
    inputs = type_from(blur).by_name
    assert inputs["radius"].widget == Slider(0, 100, step=0.1)
    assert inputs["radius"].tooltip == "How far the blur reaches"
    assert inputs["mode"].widget == Choice(("soft", "hard"))
    assert inputs["edges"].title == "Keep the edges"
    assert inputs["edges"].label.advanced
    assert inputs["mask"].title == "Mask"


def test_the_docstring_is_the_help():
    assert type_from(blur).help == "Make a picture softer.\n\nA second paragraph."


def test_plain_types_get_a_plain_widget_and_other_types_none():
    def plain(a: int, b: float, c: str, d: bool, e: Any) -> int:
        """Take one of each."""
        return a

    widgets = [item.widget for item in type_from(plain).inputs]
    assert widgets == [Number(), Number(), Text(), Toggle(), None]


def test_a_file_choice_is_a_choice():
    def load(file: Annotated[str, FileChoice("input")]) -> str:
        """Load."""
        return file

    assert type_from(load).by_name["file"].type is COMBO


def test_the_first_word_is_the_default_of_a_choice_without_one():
    def choose(colour: Literal["red", "blue"]) -> str:
        """Choose."""
        return colour

    assert type_from(choose).by_name["colour"].default == "red"


def test_decorating_leaves_the_function_callable():
    assert node("Blur", category="test")(blur) is blur
    assert blur(b"picture") == b"picture"


@pytest.mark.parametrize(
    ("identifier", "title"), [("ImageBlur", "Image Blur"), ("VAEDecode", "VAE Decode"), ("KSampler", "K Sampler")]
)
def test_a_title_is_made_from_the_id(identifier, title):
    assert type_from(blur, id=identifier).title == title


def test_a_given_title_wins():
    assert type_from(blur, id="ImageBlur", title="Soften").title == "Soften"


def test_named_tuples_name_the_outputs():
    def paint() -> Both:
        """Paint."""
        return Both(b"", 1)

    outputs = type_from(paint).outputs
    assert [(item.name, item.type.name, item.tooltip) for item in outputs] == [
        ("picture", "IMAGE", "What was painted"),
        ("seed", "INT", ""),
    ]


def test_a_named_tuple_may_name_a_single_output():
    def answer() -> Named:
        """Answer."""
        return Named(42)

    assert [item.name for item in type_from(answer).outputs] == ["answer"]


def test_none_is_no_outputs():
    def save() -> None:
        """Save."""

    assert type_from(save, side_effect=True).outputs == ()


def test_a_union_of_types_is_one_socket():
    def either(value: int | str) -> Annotated[bytes, IMAGE] | str:
        """Take one of two."""
        return str(value)

    described = type_from(either)
    assert described.inputs[0].type.names == ("INT", "STRING")
    assert described.outputs[0].type.names == ("IMAGE", "STRING")


def test_optional_may_be_inside_or_outside_of_annotated():
    def inside(value: Annotated[int | None, Number(0)] = None) -> int:
        """Take it or leave it."""
        return value or 0

    def outside(value: Annotated[int, Number(0)] | None = None) -> int:
        """Take it or leave it."""
        return value or 0

    for function in (inside, outside):
        item = type_from(function).inputs[0]
        assert (item.type, item.optional, item.widget) == (INT, True, Number(0))


def test_two_socket_types_of_one_name_keep_their_own_checks():
    """`typing` remembers `Annotated[...]` by equality, so types that are equal by name would be mixed up."""
    strict = SocketType("CLOTH", lambda value: "no cloth", "cloth")
    loose = SocketType("CLOTH")

    def first(value: Annotated[Any, strict]) -> Annotated[Any, strict]:
        """Be strict."""
        return value

    def second(value: Annotated[Any, loose]) -> Annotated[Any, loose]:
        """Be loose."""
        return value

    assert type_from(first).inputs[0].type is strict
    assert type_from(second).inputs[0].type is loose


def test_anything_is_written_any_or_object():
    def echo(value: Any, other: object = None) -> Any:
        """Echo."""
        return value

    described = type_from(echo)
    assert [item.type for item in (*described.inputs, *described.outputs)] == [ANY, ANY, ANY]
    assert described.outputs[0].name == "output"


def test_the_context_is_no_input():
    def listen(context: NodeContext, text: str = "") -> str:
        """Listen."""
        return text

    described = type_from(listen)
    assert described.context_parameter == "context"
    assert list(described.by_name) == ["text"]


def test_inputs_and_outputs_are_found_by_name():
    described = type_from(blur)
    assert described.by_name["radius"].type is FLOAT
    assert described.output_index == {"IMAGE": 0}


def _no_annotation(value) -> int: ...
def _unknown_type(value: bytes) -> int: ...
def _any_number(*values: int) -> int: ...
def _any_name(**values: int) -> int: ...
def _positional(value: int, /) -> int: ...
def _no_return(value: int): ...
def _plain_tuple(value: int) -> tuple[int, int]: ...
def _unknown_return(value: int) -> bytes: ...
def _wrong_default(colour: Literal["red"] = "blue") -> str: ...
def _unreadable(value: "Nonsense") -> int: ...  # noqa: F821
async def _asynchronous(value: int) -> int: ...


@pytest.mark.parametrize(
    ("function", "advice"),
    [
        (_no_annotation, r"'value' has no type; annotate it, e\.g\. 'value: int'"),
        (_unknown_type, r"Toy\.value: <class 'bytes'> is no socket type; use int, float"),
        (_any_number, r"'values' cannot be given by name"),
        (_any_name, r"'values' cannot be given by name"),
        (_positional, r"'value' cannot be given by name"),
        (_no_return, r"no return type; write '-> Image', or '-> None'"),
        (_plain_tuple, r"the output of Toy: tuple\[int, int\] is no socket type"),
        (_unknown_return, r"the output of Toy: <class 'bytes'> is no socket type"),
        (_wrong_default, r"Toy\.colour: default 'blue' is not one of \('red',\)"),
        (_unreadable, r"an annotation cannot be read: name 'Nonsense'"),
        (_asynchronous, r"'async def' is not a node; write a plain 'def'"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_function_that_does_not_say_enough_is_refused_with_advice(function, advice):
    with pytest.raises(NodeDefinitionError, match=advice) as caught:
        type_from(function)
    assert "Toy" in str(caught.value)


def test_version_and_code_are_in_the_recipe():
    plain = type_from(blur)
    assert type_from(blur).recipe == plain.recipe
    assert type_from(blur, version=2).recipe != plain.recipe
    assert type_from(blur, id="Other").recipe != plain.recipe


def test_text_is_a_widget_of_one_line_unless_told_otherwise():
    def write(text: Annotated[str, Text(multiline=True)], line: str = "") -> str:
        """Write."""
        return text

    described = type_from(write).by_name
    assert described["text"].widget.multiline
    assert not described["line"].widget.multiline
    assert described["text"].type is STRING
