"""Toy nodes for tests of the editor, beside those of the server: streams, lazy inputs, types that flow through."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TypeVar

from graph.api import Artifact, Each, Items, Lazy, NodeContext, NodeError, NumberedNames, node
from nodes.types import Image
from tests.support.server_nodes import PNG

T = TypeVar("T")
_numbers = NumberedNames()


@node("EachNumber", title="Each Number", category="test")
def each_number(stop: int = 3) -> Each[int]:
    """Give the numbers below a limit, one after the other."""
    return Items(range(stop), stop, keep_going=True)  # type: ignore[return-value]


@node("SaveItem", title="Save Item", category="test", side_effect=True, lane="io")
def save_item(value: int = 0, refuse: int = -1, gate: str = "", *, ctx: NodeContext) -> None:
    """Save a picture for each number but one; wait for a file before the third."""
    while value == 2 and gate and not Path(gate).exists():
        time.sleep(0.005)
    if value == refuse:
        raise NodeError(f"{value} cannot be saved", remedy="leave it out")
    ctx.show(Artifact("output", _numbers.write(ctx.files.root("output"), "item", ".png", PNG).name))


@node("HoldPicture", category="test", side_effect=True, lane="io")
def hold_picture(images: Image, gate: str = "", value: int = 0, *, ctx: NodeContext) -> None:
    """Save a picture as soon as there is a file `gate`.`value`."""
    while not Path(f"{gate}.{value}").exists():
        ctx.check_cancelled()
        time.sleep(0.005)
    ctx.show(Artifact("output", _numbers.write(ctx.files.root("output"), f"held-{value}", ".png", PNG).name))


@node("AddUp", title="Add Up", category="test", side_effect=True)
def add_up(values: list[int]) -> int:
    """Add up all that come."""
    return sum(values)


@node("Below", category="test")
def below(value: int, limit: int = 3) -> bool:
    """Whether a number is below another one."""
    return value < limit


@node("Pick", category="test")
def pick(then: Lazy[int], otherwise: Lazy[int], condition: bool = True) -> int:
    """Use one of two."""
    return then.get() if condition else otherwise.get()


@node("Through", category="test")
def through(value: T) -> T:
    """Hand on what comes, whatever it is."""
    return value


@node("ShowStates", title="Show States", category="test", side_effect=True, lane="io", writes="temp")
def show_states(count: int = 4, *, ctx: NodeContext) -> int:
    """Show pictures that belong together, each with what it shows."""
    for number in range(count):
        written = _numbers.write(ctx.files.root("temp"), "state", ".png", PNG)
        ctx.show(Artifact("temp", written.name, label=f"noise level {count - 1 - number}"))
    return count
