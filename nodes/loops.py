"""Loops: nodes that run a sub-workflow again and again. Each turn is remembered on its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

from graph.api import MOST_ITEMS, Body, Expand, Expansion, NodeError, Number, Reference, Toggle, node

T = TypeVar("T")

LISTS = 8
"""Inputs of Join Lists; the results of a loop are joined in a tree of them."""
MOST_NODES = 100_000
"""Nodes that the turns of one loop have together: all are laid out at once. A stream has no such limit."""
MOST_TURNS = 900
"""Turns of one While: each lies inside the one before, and the engine bounds how deep."""


@node("JoinLists", title="Join Lists", category="flow/stream", aliases=("append", "concatenate", "merge", "make list"))
def join_lists(
    *,
    list0: Annotated[list[T], "What comes first: a list, a stream, or a single thing"] | None = None,
    list1: Annotated[list[T], "What comes after that"] | None = None,
    list2: Annotated[list[T], "What comes after that"] | None = None,
    list3: Annotated[list[T], "What comes after that"] | None = None,
    list4: Annotated[list[T], "What comes after that"] | None = None,
    list5: Annotated[list[T], "What comes after that"] | None = None,
    list6: Annotated[list[T], "What comes after that"] | None = None,
    list7: Annotated[list[T], "What comes after that"] | None = None,
) -> Annotated[list[T], "Everything in one list"]:
    """Put lists one after the other; a single thing counts as a list of one.

    Use it to make a list of a few pictures or prompts, which List to Each then hands on one by one.
    """
    parts = (list0, list1, list2, list3, list4, list5, list6, list7)
    count = 0
    for place, part in enumerate(parts):
        count += len(part or ())
        if count > MOST_ITEMS:
            message = f"the list would have at least {count:,} items; the limit is {MOST_ITEMS:,}"
            raise NodeError(message, input=f"list{place}", remedy="join fewer or shorter lists")
    return [value for part in parts if part is not None for value in part]


@node("ForEach", title="For Each", category="flow/loop", aliases=("loop", "map", "repeat", "sub-workflow"))
def for_each(
    *,
    items: Annotated[list[Any], "What to go through: a list, or a stream that is collected first"],
    body: Annotated[Body, "The sub-workflow to run for each item. Its input 'item' gets the item"],
    extra: Annotated[Any, "Optional: given to the sub-workflow's input 'extra' every time"] = None,
) -> Annotated[list[Any], "What the sub-workflow gave for each item, in the same order"] | Expand:
    """Run a sub-workflow once for each item and collect what it gives.

    The sub-workflow needs an input named *item*; it may have *index* (0, 1, 2 ...) and *extra*, too. Its first output
    is what is collected; where that is a list, all that is in it. Where it is nothing for one item (*If* without
    *otherwise*), the loop gives nothing. Items that did not change since the last run are not run again.
    """
    _check(body, ("item",))
    _check_size(items, body)
    inner = Expansion()
    shared = {} if extra is None else {"extra": extra}
    turns = [_place(inner, body, index, {**shared, "item": item, "index": index}) for index, item in enumerate(items)]
    return inner.returns(_joined(inner, turns)) if turns else []


@node("Accumulate", title="Accumulate", category="flow/loop", aliases=("reduce", "fold", "sum", "loop", "chain"))
def accumulate(
    *,
    items: Annotated[list[Any], "What to go through: a list, or a stream that is collected first"],
    initial: Annotated[T, "What the first turn begins with"],
    body: Annotated[Body, "The sub-workflow to run for each item. It has the inputs 'state' and 'item'"],
) -> Annotated[T, "What the last turn gave"] | Expand:
    """Go through items one by one, each turn working on what the turn before it gave.

    The sub-workflow gets the *item* and the *state* (at first: *initial*), and its first output is the state of the
    next turn: for pasting many pictures onto one, or refining one picture by one prompt after the other.
    """
    _check(body, ("state", "item"))
    _check_size(items, body)
    inner = Expansion()
    state: Any = initial
    for index, item in enumerate(items):
        state = _place(inner, body, index, {"state": state, "item": item, "index": index})
    return inner.returns(state) if items else initial


@node("While", title="While", category="flow/loop", aliases=("loop", "repeat", "until"))
def repeat_while(
    *,
    state: Annotated[T, "What the first turn begins with"],
    body: Annotated[Body, "The sub-workflow to run in each turn: input 'state', outputs 'state' and 'go_on'"],
    max_iterations: Annotated[
        int, Number(0, MOST_TURNS, 1), "How many turns there may be; wanting to go on after that is an error"
    ] = 100,
    go_on: Annotated[
        bool, Toggle("begin", "skip"), "Off: there is no turn at all, and the state stays as it is"
    ] = True,
) -> Annotated[T, "The state after the last turn"] | Expand:
    """Run a sub-workflow again and again until it says that it is enough.

    Each turn gets the *state* that the turn before it gave. Its outputs are the new *state*, and *go_on*: on for
    another turn, off to end; *Compare Numbers* gives such an answer. How often is not known beforehand, so set
    *max_iterations* to what is reasonable.
    """
    if not go_on:
        return state
    if max_iterations == 0:
        remedy = "raise max_iterations, or correct what the sub-workflow gives as 'go_on'"
        raise NodeError("the loop wants to go on after the last turn that it may have", input="body", remedy=remedy)
    _check(body, ("state",), ("state", "go_on"))
    inner = Expansion()
    turn = inner.place(body, id="turn", state=state)
    following = inner.add(
        "While", id="next", state=turn["state"], go_on=turn["go_on"], body=body, max_iterations=max_iterations - 1
    )
    return inner.returns(following["output"])


def _check(body: Body, inputs: tuple[str, ...], outputs: tuple[str, ...] = ()) -> None:
    for kind, wanted, known in (("input", inputs, body.inputs), ("output", outputs, body.outputs)):
        for name in wanted:
            if name not in known:
                has = ", ".join(known) or "none"
                remedy = f"call one of its {kind}s {name!r}"
                raise NodeError(f"the sub-workflow has no {kind} {name!r}; it has {has}", input="body", remedy=remedy)
    if not body.outputs:
        raise NodeError("the sub-workflow gives nothing", input="body", remedy="give it an output")


def _check_size(items: list[Any], body: Body) -> None:
    if len(items) * len(body.nodes) > MOST_NODES:
        laid_out = f"{len(items):,} turns with {len(body.nodes):,} nodes each"
        message = f"{laid_out} are more than the {MOST_NODES:,} nodes that a loop may have"
        remedy = (
            "go through fewer items; or connect a stream straight to an instance of the sub-workflow, without the loop"
        )
        raise NodeError(message, input="items", remedy=remedy)


def _place(inner: Expansion, body: Body, turn: int, offered: Mapping[str, Any]) -> Any:
    """A turn with those of the offered inputs that the body has; the first output of it, or what that hands on."""
    taken = {name: value for name, value in offered.items() if name in body.inputs}
    return inner.place(body, id=f"turn{turn}", **taken)[next(iter(body.outputs))]


def _joined(inner: Expansion, turns: list[Any]) -> Reference:
    """What the turns gave as one list."""
    results = [turn if isinstance(turn, Reference) else [turn] for turn in turns]
    while True:
        groups = [results[start : start + LISTS] for start in range(0, len(results), LISTS)]
        results = [
            inner.add("JoinLists", **{f"list{place}": result for place, result in enumerate(group)})["output"]
            for group in groups
        ]
        if len(results) == 1:
            return results[0]
