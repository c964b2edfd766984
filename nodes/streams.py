"""Nodes that begin a stream: what follows runs once for each item."""

from __future__ import annotations

from typing import Annotated, NamedTuple, TypeVar

from graph.api import MOST_ITEMS, Each, Items, NodeError, Number, Text, node

T = TypeVar("T")

_LIMIT = 2**31


class Copies(NamedTuple):
    """The repetitions of one value."""

    value: Annotated[Each[T], "The same thing again and again"]  # type: ignore[valid-type]
    number: Annotated[Each[int], "Which repetition it is; the first is 0. Add it to a seed for versions"]


class Numbered(NamedTuple):
    """The items of a list."""

    value: Annotated[Each[T], "The items, one after the other"]  # type: ignore[valid-type]
    number: Annotated[Each[int], "Which item it is; the first is 0"]


class Lines(NamedTuple):
    """The lines of a text."""

    line: Annotated[Each[str], "A line, without blanks around it"]
    number: Annotated[Each[int], "Which line it is, empty ones not counted; the first is 0"]


@node("RepeatEach", title="Repeat Each", category="flow/stream", aliases=("copies", "times", "versions", "loop"))
def repeat_each(
    *,
    value: Annotated[T, "What to repeat; in a stream, each item is repeated"],
    times: Annotated[int, Number(1, MOST_ITEMS, 1), "How many times"] = 2,
) -> Copies:
    """Do what follows several times with the same thing, such as three versions of every prompt.

    In a stream each item is repeated before the next one comes, and the repetitions of an item belong together:
    collecting them gives a list for each item.
    """
    return Items((Copies(value, number) for number in range(times)), times)  # type: ignore[return-value]


@node("ListToEach", title="List to Each", category="flow/stream", aliases=("for each", "loop", "unpack", "split"))
def list_to_each(*, values: Annotated[list[T], "The list, or a stream that is collected first"]) -> Numbered:
    """Take a list apart: the nodes after it run once for each item.

    An input that takes a list, such as that of List to Batch, collects the results again.
    """
    return Items((Numbered(value, number) for number, value in enumerate(values)), len(values))  # type: ignore[return-value]


@node("ForEachNumber", title="For Each Number", category="flow/stream", aliases=("range", "count", "loop", "sequence"))
def for_each_number(
    *,
    start: Annotated[int, Number(-_LIMIT, _LIMIT, 1), "The first number"] = 0,
    stop: Annotated[int, Number(-_LIMIT, _LIMIT, 1), "Where to end; this number itself is no longer given"] = 4,
    step: Annotated[int, Number(-_LIMIT, _LIMIT, 1), "How far from each number to the next; below 0 counts down"] = 1,
) -> Annotated[Each[int], "The numbers, one after the other"]:
    """Count: the nodes after it run once for each number.

    Connect it to a seed for as many versions, or to *cfg* or *steps* to compare settings. From 0 to 4 in steps of 1 it
    gives 0, 1, 2 and 3.
    """
    if step == 0:
        raise NodeError("a step of 0 never arrives", input="step", remedy="use a step above or below 0")
    numbers = range(start, stop, step)
    if len(numbers) > MOST_ITEMS:
        message = f"these are {len(numbers):,} numbers; the limit is {MOST_ITEMS:,}"
        raise NodeError(message, input="stop", remedy="bring start and stop closer together, or use a larger step")
    return Items(numbers, len(numbers))  # type: ignore[return-value]


@node("ForEachLine", title="For Each Line", category="flow/stream", aliases=("prompts", "split", "wildcards", "loop"))
def for_each_line(
    *, text: Annotated[str, Text(multiline=True), "One item a line; empty lines are left out"] = ""
) -> Lines:
    """Read a text line by line: the nodes after it run once for each line.

    Write one prompt a line and connect it to the text encoder, and every prompt is painted.
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return Items((Lines(line, number) for number, line in enumerate(lines)), len(lines))  # type: ignore[return-value]
