"""Makes a node type of data: a function, and its inputs and outputs in words of `graph.node_types.node_type`.

The `@node` decorator does so with what it reads off a signature; an adapter for nodes of other programs brings the
inputs and outputs itself. Whatever way it comes, a node type is checked here, and gets the recipe for its cache keys.
"""

from __future__ import annotations

import inspect
import re
import typing
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from graph.document.workflow import INSTANCE
from graph.node_types.digests import code_fingerprint
from graph.node_types.node_type import Input, Lane, NodeDefinitionError, NodeType, Output
from graph.node_types.signature_checks import check_choice, check_input
from graph.node_types.widgets import Choice, FileChoice


def make_node_type(
    function: Callable[..., Any],
    *,
    id: str,  # noqa: A002 - the field's word for it
    inputs: Iterable[Input] = (),
    outputs: Iterable[Output] = (),
    category: str,
    title: str = "",
    help: str = "",  # noqa: A002 - as above
    version: int = 1,
    side_effect: bool = False,
    cache: bool = True,
    lane: Lane = "cpu",
    fingerprint: Callable[..., object] | None = None,
    context_parameter: str | None = None,
    returns_tuple: bool | None = None,
    defined_by: Callable[..., Any] | None = None,
    module: str = "",
    aliases: Sequence[str] = (),
    experimental: bool = False,
    deprecated: bool = False,
    writes: str = "",
    hands_on: str = "",
) -> NodeType:
    """Return the node type that calls `function` with its inputs as keyword arguments.

    `function` returns the value of the one output, or a tuple of all outputs: with `returns_tuple` also of a single
    one. It may be `async`. With `context_parameter` it gets a `NodeContext` under that name. `defined_by` is the class
    or function whose source file is part of the cache keys; without it, `function` is. Results of code that has no
    source are never reused. `module` is where the node comes from; without it, that of this code. All else is as in
    `@node`.

    Raises `NodeDefinitionError` for inputs and outputs that contradict themselves or each other.
    """
    check_id_and_lane(id, lane)
    inputs, outputs = tuple(inputs), tuple(outputs)
    _check_inputs(id, inputs)
    _check_outputs(id, function, inputs, outputs)
    if hands_on and (len(outputs) != 1 or hands_on not in {item.name for item in inputs}):
        raise NodeDefinitionError(f"{id}: hands_on names an input, and the node has one output")
    code = code_fingerprint(defined_by or function)
    return NodeType(
        id=id,
        title=title or _spaced(id),
        category=category,
        help=inspect.cleandoc(help),
        inputs=inputs,
        outputs=outputs,
        function=function,
        version=version,
        side_effect=side_effect,
        cache=cache and bool(code),
        lane=lane,
        fingerprint=fingerprint,
        fingerprint_takes_files=_takes_files(fingerprint, inputs),
        context_parameter=context_parameter,
        returns_tuple=len(outputs) > 1 if returns_tuple is None else returns_tuple,
        is_async=inspect.iscoroutinefunction(function),
        code=code,
        module=module or getattr(defined_by or function, "__module__", ""),
        aliases=tuple(aliases),
        experimental=experimental,
        deprecated=deprecated,
        writes=writes,
        hands_on=hands_on,
        recipe=f"{id}\0{version}\0{code}\0".encode(),
    )


def check_id_and_lane(node_id: str, lane: str) -> None:
    """Raise `NodeDefinitionError` for an id that no node type can have, and for an unknown lane."""
    if not node_id or node_id.startswith(INSTANCE):
        raise NodeDefinitionError(f"{node_id!r} is no id for a node type; use one such as 'ImageBlur'")
    lanes = typing.get_args(Lane)
    if lane not in lanes:
        raise NodeDefinitionError(f"{node_id}: there is no lane {lane!r}; use one of {', '.join(lanes)}")


def _check_inputs(node_id: str, inputs: tuple[Input, ...]) -> None:
    _refuse_equal_names(node_id, "inputs", [item.name for item in inputs])
    for item in inputs:
        where = f"{node_id}.{item.name}"
        if isinstance(item.widget, Choice | FileChoice):
            check_choice(item.widget, item.type.names, where)
        check_input(item, where)


def _check_outputs(
    node_id: str, function: Callable[..., Any], inputs: tuple[Input, ...], outputs: tuple[Output, ...]
) -> None:
    _refuse_equal_names(node_id, "outputs", [item.name for item in outputs])
    streams = any(item.each for item in outputs)
    if inspect.isasyncgenfunction(function) or (streams and inspect.iscoroutinefunction(function)):
        raise NodeDefinitionError(f"{node_id}: a stream is given by a plain 'def' that yields, not by 'async def'")
    if inspect.isgeneratorfunction(function) and not streams:
        raise NodeDefinitionError(f"{node_id}: the function yields, so write its return type as Each[...]")
    if streams and not all(item.each for item in outputs):
        raise NodeDefinitionError(f"{node_id}: a stream gives a row for each item; write Each[...] around every output")
    known = {"", *(item.type.generic for item in inputs)}
    for output in outputs:
        if output.type.generic not in known:
            raise NodeDefinitionError(f"{node_id}: no input says what the type {output.type.generic} of an output is")


def _refuse_equal_names(node_id: str, kind: str, names: list[str]) -> None:
    twice = next((name for name, count in Counter(names).items() if count > 1), None)
    if twice is not None:
        raise NodeDefinitionError(f"{node_id}: two {kind} are called {twice!r}; give each a name of its own")


def _takes_files(fingerprint: Callable[..., object] | None, inputs: tuple[Input, ...]) -> bool:
    if fingerprint is None or any(item.name == "files" for item in inputs):
        return False
    return "files" in inspect.signature(fingerprint).parameters


def _spaced(identifier: str) -> str:
    """'ImageBlur' -> 'Image Blur', 'VAEDecode' -> 'VAE Decode'."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", identifier)
