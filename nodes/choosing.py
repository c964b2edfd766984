"""Nodes that choose what flows on. What is not chosen is not worked out."""

from __future__ import annotations

from typing import Annotated, Any, TypeVar

from graph.api import BLOCK, Lazy, NodeError, Number, Toggle, node

T = TypeVar("T")

CASES = 8


@node("Reroute", title="Reroute", category="flow", hands_on="value", aliases=("pass", "dot", "knot"))
def reroute(*, value: Annotated[T, "Anything at all"]) -> T:
    """Pass a value on unchanged, to lead wires around other nodes and keep a graph easy to read.

    It takes on the type of what is connected to it.
    """
    return value


@node("If", title="If", category="flow", aliases=("condition", "choose", "else", "branch", "switch"))
def choose_if(
    *,
    condition: Annotated[bool, Toggle("then", "otherwise"), "Which of the two is used"] = True,
    then: Annotated[Lazy[T], "Used when the condition is on"],
    otherwise: Annotated[Lazy[T], "Used when the condition is off; unconnected, what follows does not run"]
    | None = None,
) -> T:
    """Use one of two things, depending on a condition; the nodes that only feed the other one do not run.

    Both must be of one type, such as two pictures. Without *otherwise*, what follows simply does not run while the
    condition is off.
    """
    if condition:
        return then.get()
    chosen = None if otherwise is None else otherwise.get()
    return BLOCK if chosen is None else chosen  # type: ignore[return-value]


@node("Switch", title="Switch", category="flow", aliases=("choose", "select", "index", "case", "route"))
def switch(
    *,
    index: Annotated[int, Number(0, None, 1), "The number of the case that is used; the first is 0"] = 0,
    case0: Annotated[Lazy[T], "Used when the index is 0"] | None = None,
    case1: Annotated[Lazy[T], "Used when the index is 1"] | None = None,
    case2: Annotated[Lazy[T], "Used when the index is 2"] | None = None,
    case3: Annotated[Lazy[T], "Used when the index is 3"] | None = None,
    case4: Annotated[Lazy[T], "Used when the index is 4"] | None = None,
    case5: Annotated[Lazy[T], "Used when the index is 5"] | None = None,
    case6: Annotated[Lazy[T], "Used when the index is 6"] | None = None,
    case7: Annotated[Lazy[T], "Used when the index is 7"] | None = None,
    default: Annotated[Lazy[T], "Used when there is no case with this index"] | None = None,
) -> T:
    """Use one of up to eight things by its number; the nodes that only feed the others do not run.

    All must be of one type. Connect a Whole Number to *index* to steer several switches at once.
    """
    cases: list[Lazy[Any] | None] = [case0, case1, case2, case3, case4, case5, case6, case7]
    for candidate in (cases[index] if 0 <= index < CASES else None, default):
        chosen = None if candidate is None else candidate.get()
        if chosen is not None:
            return chosen  # type: ignore[no-any-return]
    raise NodeError(
        f"nothing is connected for index {index}",
        input="index",
        remedy="choose a case that is connected, or connect something to 'default'",
    )
