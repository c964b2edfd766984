"""Node types restored from their description: described again the same, and strict in the same way."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal, TypeVar

import pytest

from graph.api import (
    ANY,
    Choice,
    Each,
    FileChoice,
    Label,
    Lazy,
    Number,
    Registry,
    Seed,
    Slider,
    SocketType,
    Text,
    Toggle,
    node,
)
from graph.base.errors import WorkflowError
from graph.building.build import build
from graph.document.workflow import Node, Reference, Workflow
from graph.files.folders import Files
from graph.node_types.catalogue import restore, socket_descriptions

THING = SocketType("THING", lambda value: "" if value else "nothing", "a thing", {"INT": str})
OTHER = SocketType("OTHER", None, "another thing")
Thing = Annotated[Any, THING]
T = TypeVar("T")


@node("Everything", category="test", side_effect=True, lane="io", writes="output", aliases=("all",), experimental=True)
def everything(
    number: Annotated[int, Number(1, 10)],
    slide: Annotated[float, Slider(0, 1, 0.1), Label("Slide it", advanced=True)] = 0.5,
    seed: Annotated[int, Seed()] = 0,
    text: Annotated[str, Text(multiline=True), "words"] = "",
    switch: Annotated[bool, Toggle("yes", "no")] = True,
    word: Literal["a", "b"] = "a",
    other_word: Annotated[str, Choice(("x", "y"))] = "y",
    file: Annotated[str | None, FileChoice("input", upload="image", fits=("picture", "film"))] = None,
    thing: Annotated[Any, THING] | None = None,
    anything: Any = None,
    either: int | float | None = None,
    set_either: Annotated[int | float, Number()] = 1,
    mixed: Annotated[Any, SocketType("THING,OTHER")] | None = None,
    even: Annotated[int, Number(0, 10, 2, multiple_of=2)] = 0,
    name: Annotated[str, Text(file_name=True, words=("width",))] = "%width%",
) -> int:
    """Have everything."""
    return number


@node("Say", category="test", hands_on="text")
def say(text: str = "") -> str:
    """Say it again."""
    return text


@node("Thing", category="test")
def thing() -> Annotated[Any, THING]:
    """Give a thing."""
    return 1


@node("Other", category="test")
def other() -> Annotated[Any, OTHER]:
    """Give another thing."""
    return 1


@node("Flow", category="test")
async def flow(now: T, later: Lazy[T], all_of: list[T] | None = None, things: list[Thing] | None = None) -> list[T]:
    """Take values that come in every way."""
    return [now]


@node("Stream", category="test")
def stream(stop: int = 3) -> Each[int]:
    """Give some numbers."""
    yield from range(stop)


@node("Give", category="test")
def give() -> Annotated[Any, ANY]:
    """Give anything."""
    return 1


def registry() -> Registry:
    found = Registry()
    for function in (everything, say, thing, other, flow, stream, give):
        found.add(function.__node_type__)  # type: ignore[attr-defined]
    return found


def restored() -> Registry:
    real = registry()
    return restore(json.loads(json.dumps(real.catalogue())), socket_descriptions(real))


def test_described_again_it_is_the_same() -> None:
    assert json.dumps(restored().catalogue()) == json.dumps(registry().catalogue())


def test_how_values_come_and_go_survives() -> None:
    flow, stream = restored().get("Flow"), restored().get("Stream")
    assert flow is not None
    assert stream is not None
    assert (flow.lazies, flow.is_async, flow.generic, flow.streams) == (("later",), True, True, False)
    assert [(item.type.name, item.type.generic, item.collects) for item in flow.inputs] == [
        ("*", "T", False), ("*", "T", False), ("*", "T", True), ("THING", "", True)
    ]  # fmt: skip
    assert flow.outputs[0].is_list
    assert stream.streams
    assert stream.outputs[0].each


@pytest.mark.parametrize(
    "inputs",
    [
        {}, {"number": 3}, {"number": 11}, {"number": 3.0}, {"number": "3"}, {"number": True}, {"number": None},
        {"number": 1, "slide": 2}, {"number": 1, "slide": "x"}, {"number": 1, "seed": -1}, {"number": 1, "text": 3},
        {"number": 1, "even": 3}, {"number": 1, "even": 4},
        {"number": 1, "switch": 1}, {"number": 1, "word": "c"}, {"number": 1, "other_word": "x"},
        {"number": 1, "file": "none.png"}, {"number": 1, "thing": 3}, {"number": 1, "either": "x"},
        {"number": 1, "either": 0.5},
        {"number": 1, "thing": Reference("t", "THING")}, {"number": 1, "thing": Reference("o", "OTHER")},
        {"number": Reference("t", "THING")}, {"number": Reference("g", "output")}, {"number": 1, "nothing": 1},
        {"number": 1, "mixed": Reference("o", "OTHER")}, {"number": 1, "mixed": Reference("e", "INT")},
        {"number": 1, "thing": Reference("e", "INT")}, {"number": Reference("t", "WRONG")},
        {"number": Reference("x", "INT")}, {"number": 1, "name": "a:b"}, {"number": 1, "name": "%Everything.sed%"},
        {"number": 1, "name": "%Everything.seed%%width%"}, {"number": 1, "name": Reference("s", "STRING")},
    ],
)  # fmt: skip
def test_it_refuses_the_same_with_the_same_words(inputs: dict[str, Any]) -> None:
    nodes = {"1": Node("Everything", inputs), "t": Node("Thing"), "o": Node("Other"), "g": Node("Give")}
    nodes["s"] = Node("Say", {"text": "cats/"})
    workflow = Workflow({**nodes, "e": Node("Everything", {"number": 1})})
    told = []
    for known in (registry(), restored()):
        try:
            build(workflow, known, Files(), ["1"])
            told.append([])
        except WorkflowError as error:
            told.append([problem.as_json() for problem in error.problems])
    assert told[0] == told[1]


@pytest.mark.parametrize("described", [[{}], [{"id": "x"}], [3], [{"id": "x", "inputs": 3}]])
def test_what_is_no_catalogue_is_refused(described: Any) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        restore(described)


def test_a_restored_node_type_cannot_be_called() -> None:
    found = restored().get("Thing")
    assert found is not None
    with pytest.raises(RuntimeError, match="worker"):
        found.function()
