"""How the signature of a function is read, and which functions are refused with what advice."""

from collections.abc import AsyncIterator
from typing import Annotated, Any, Literal, NamedTuple, TypeVar

import pytest

from graph.node_types.context import NodeContext
from graph.node_types.flow import Each, Lazy
from graph.node_types.node_type import REQUIRED, NodeDefinitionError
from graph.node_types.sockets import ANY, COMBO, FLOAT, INT, STRING, SocketType
from graph.node_types.widgets import Choice, FileChoice, Label, Number, Slider, Text, Toggle
from tests.support.toys import Named, type_from

IMAGE = SocketType("IMAGE")
Image = Annotated[bytes, IMAGE]
Pairs = Annotated[list[Any], SocketType("PAIRS")]
T = TypeVar("T")


class Both(NamedTuple):
    picture: Annotated[bytes, IMAGE, "What was painted"]
    seed: int


class Expand:
    """Stands for the graph that a node may return in its place."""


class Rows(NamedTuple):
    picture: Each[Image]
    names: Each[list[str]]


class Halves(NamedTuple):
    first: Each[int]
    second: int


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


def test_a_lazy_input_is_told_apart_however_it_is_written():
    def choose(
        condition: bool,
        then: Lazy[Image],
        otherwise: Annotated[Lazy[Image], "Taken when the condition is false"] | None = None,
        all_of: Lazy[list[Image]] | None = None,
        count: Annotated[Lazy[int], Number(0, 9)] = 3,
    ) -> Image:
        """Choose."""
        return then.get()

    described = type_from(choose)
    assert described.lazies == ("then", "otherwise", "all_of", "count")
    assert [(item.type.name, item.optional, item.collects, item.widget) for item in described.inputs[1:]] == [
        ("IMAGE", False, False, None),
        ("IMAGE", True, False, None),
        ("IMAGE", True, True, None),
        ("INT", False, False, Number(0, 9)),
    ]
    assert described.by_name["otherwise"].tooltip == "Taken when the condition is false"


def test_a_list_of_a_socket_type_collects_and_a_socket_type_that_is_a_list_does_not():
    def join(pictures: list[Image], words: list[str] | None, pairs: Pairs, many: list[Pairs]) -> Image:
        """Join."""
        return pictures[0]

    described = [(item.type.name, item.collects, item.widget) for item in type_from(join).inputs]
    assert described == [
        ("IMAGE", True, None), ("STRING", True, None), ("PAIRS", False, None), ("PAIRS", True, None)
    ]  # fmt: skip


def test_an_output_may_be_a_stream_or_a_list():
    def stream() -> Each[Image]:
        """Give a stream."""
        yield b""

    def rows() -> Rows:
        """Give a stream of rows."""
        yield Rows(b"", ["a"])

    def listed() -> Annotated[list[Image], "All of them"]:
        """Give a list."""
        return []

    def pairs() -> Pairs:
        """Give one value that is a list."""
        return []

    facts = {
        function.__name__: [
            (item.name, item.type.name, item.each, item.is_list) for item in type_from(function).outputs
        ]
        for function in (stream, rows, listed, pairs)
    }
    assert facts == {
        "stream": [("IMAGE", "IMAGE", True, False)],
        "rows": [("picture", "IMAGE", True, False), ("names", "STRING", True, True)],
        "listed": [("IMAGE", "IMAGE", False, True)],
        "pairs": [("PAIRS", "PAIRS", False, False)],
    }
    assert type_from(rows).returns_tuple
    assert [type_from(function).streams for function in (stream, rows, listed, pairs)] == [True, True, False, False]


def test_an_expansion_is_no_output():
    def one() -> Image | Expand:
        """One output."""
        return b""

    def both() -> Both | Expand:
        """Two outputs."""
        return Both(b"", 1)

    def listed() -> list[Image] | Expand:
        """A list."""
        return []

    def nothing() -> Expand | None:
        """No output."""

    def only() -> Expand:
        """No output either."""
        return Expand()

    named = [[item.name for item in type_from(each).outputs] for each in (one, both, listed, nothing, only)]
    assert named == [["IMAGE"], ["picture", "seed"], ["IMAGE"], [], []]
    assert type_from(both).returns_tuple


def test_a_type_variable_is_a_socket_for_anything_that_knows_its_kin():
    def choose(index: int, first: Lazy[T], more: list[T] | None = None) -> Annotated[T, "The chosen one"]:
        """Choose."""
        return first.get()

    described = type_from(choose)
    assert [(item.type.name, item.type.generic) for item in described.inputs] == [("INT", ""), ("*", "T"), ("*", "T")]
    (output,) = described.outputs
    assert (output.name, output.type.name, output.type.generic, output.tooltip) == (
        "output",
        "*",
        "T",
        "The chosen one",
    )
    assert described.generic
    assert not type_from(blur).generic


def test_a_coroutine_is_a_node():
    async def fetch(text: str, then: Lazy[Image]) -> Image:
        """Fetch."""
        return then.get()

    described = type_from(fetch)
    assert described.is_async
    assert described.lazies == ("then",)
    assert not type_from(blur).is_async


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
async def _async_stream(value: int) -> Each[int]: ...
def _each_taken(value: Each[int]) -> int: ...
def _lazy_given(value: int) -> Lazy[int]: ...
def _list_of_lazy(value: list[Lazy[int]]) -> int: ...
def _list_of_choices(value: list[Literal["a", "b"]]) -> str: ...
def _union_of_lists(value: list[int] | str) -> str: ...
def _set_socket(value: Image = b"") -> int: ...
def _set_union(value: int | float = 1) -> int: ...
def _set_list(value: list[Any] = []) -> int: ...  # noqa: B006
def _maybe() -> Image | None: ...
def _type_from_nowhere(value: int) -> T: ...


async def _async_generator(value: int) -> AsyncIterator[int]:
    yield value


def _half_a_stream(value: int) -> Halves:
    yield Halves(1, 2)


def _generator(value: int) -> int:
    yield value


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
        (_wrong_default, r"Toy\.colour: the default 'blue' would be refused; use one of 'red'"),
        (_async_stream, r"a plain 'def' that yields, not by 'async def'"),
        (_each_taken, r"Toy\.value: Each is for outputs; write list\[\.\.\.\] to collect"),
        (_lazy_given, r"the output of Toy: Lazy is for inputs"),
        (_list_of_lazy, r"Toy\.value: write Lazy or Each once and outside, then list: Lazy\[list\[\.\.\.\]\]"),
        (_list_of_choices, r"Toy\.value: a list cannot be chosen; write list\[str\]"),
        (_union_of_lists, r"Toy\.value: .* go around a union"),
        (_set_socket, r"Toy\.value: the default b'' could never be set, .* write '\| None = None'"),
        (_set_union, r"Toy\.value: the default 1 could never be set, .* Annotated\[\.\.\., Number\(\)\]"),
        (_set_list, r"Toy\.value: the default \[\] could never be set"),
        (_maybe, r"the output of Toy: an output is never None; return BLOCK"),
        (_type_from_nowhere, r"Toy: no input says what the type T of an output is"),
        (_async_generator, r"the output of Toy: .* is no socket type"),
        (_half_a_stream, r"Toy: a stream gives a row for each item; write Each\[\.\.\.\] around every output"),
        (_generator, r"the function yields, so write its return type as Each\[\.\.\.\]"),
        (_unreadable, r"an annotation cannot be read: name 'Nonsense'"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_function_that_does_not_say_enough_is_refused_with_advice(function, advice):
    with pytest.raises(NodeDefinitionError, match=advice) as caught:
        type_from(function)
    assert "Toy" in str(caught.value)


def test_text_is_a_widget_of_one_line_unless_told_otherwise():
    def write(text: Annotated[str, Text(multiline=True)], line: str = "") -> str:
        """Write."""
        return text

    described = type_from(write).by_name
    assert described["text"].widget.multiline
    assert not described["line"].widget.multiline
    assert described["text"].type is STRING
