"""Reads inputs and outputs from the signature of a node function.

Parameters are inputs, the return type is the outputs, the docstring is the help, `Annotated` carries widgets and
tooltips. `Lazy[T]`, `list[T]` and `Each[T]` are those of `graph.node_types.flow`; a `TypeVar` makes an output have the
type of an input. A signature that says too little is refused, with a message that says what to write instead.
"""

from __future__ import annotations

import inspect
import types
import typing
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from graph.node_types.body import BODY, Body
from graph.node_types.context import NodeContext
from graph.node_types.flow import Each, Lazy
from graph.node_types.node_type import NO_LABEL, REQUIRED, Input, NodeDefinitionError, Output
from graph.node_types.signature_checks import check_choice
from graph.node_types.sockets import ANY, BOOLEAN, COMBO, FLOAT, INT, STRING, SocketType, generic, union
from graph.node_types.widgets import Choice, FileChoice, Label, Number, SubworkflowChoice, Text, Toggle, Widget

_PLAIN: dict[object, SocketType] = {
    int: INT, float: FLOAT, str: STRING, bool: BOOLEAN, Any: ANY, object: ANY, Body: BODY
}  # fmt: skip
_WIDGETS: tuple[type, ...] = typing.get_args(Widget)
_UNIONS = (typing.Union, types.UnionType)
_WRAPPERS: dict[object, str] = {Lazy: "lazy", list: "many", Each: "each"}


@dataclass(frozen=True, slots=True)
class Signature:
    """What a signature says. `returns_tuple`: the outputs are returned as a tuple, even a single named one."""

    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    context_parameter: str | None
    returns_tuple: bool


@dataclass(frozen=True, slots=True)
class _Annotation:
    """A parsed annotation: the socket type inside, and what wraps it."""

    socket: SocketType
    extras: tuple[object, ...]
    optional: bool = False
    lazy: bool = False
    many: bool = False
    each: bool = False

    def find(self, kind: type | tuple[type, ...]) -> Any:
        """Return the first thing of a kind in `Annotated`, or None."""
        return next((item for item in self.extras if isinstance(item, kind)), None)


def read_signature(function: Callable[..., Any], node_id: str) -> Signature:
    """Read a node function. Raises `NodeDefinitionError` when its signature says too little."""
    hints = _hints(function, node_id)
    inputs, context_parameter = _read_inputs(function, hints, node_id)
    outputs, returns_tuple = _read_outputs(hints, node_id)
    return Signature(inputs, outputs, context_parameter, returns_tuple)


def _hints(function: Callable[..., Any], node_id: str) -> dict[str, Any]:
    try:
        return typing.get_type_hints(function, include_extras=True)
    except Exception as error:
        raise NodeDefinitionError(f"{node_id}: an annotation cannot be read: {error}") from error


def _read_inputs(
    function: Callable[..., Any], hints: dict[str, Any], node_id: str
) -> tuple[tuple[Input, ...], str | None]:
    inputs: list[Input] = []
    context_parameter: str | None = None
    for name, parameter in inspect.signature(function).parameters.items():
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD, parameter.POSITIONAL_ONLY):
            raise NodeDefinitionError(f"{node_id}: parameter {name!r} cannot be given by name; name each input")
        if name not in hints:
            raise NodeDefinitionError(f"{node_id}: parameter {name!r} has no type; annotate it, e.g. '{name}: int'")
        if hints[name] is NodeContext:
            if context_parameter is not None:
                raise NodeDefinitionError(
                    f"{node_id}: {context_parameter!r} and {name!r} are both the context; keep one"
                )
            context_parameter = name
            continue
        default = REQUIRED if parameter.default is parameter.empty else parameter.default
        inputs.append(_read_input(name, hints[name], default, f"{node_id}.{name}"))
    return tuple(inputs), context_parameter


def _read_input(name: str, hint: Any, default: object, where: str) -> Input:
    read = _take_apart(hint, where)
    if read.each:
        raise NodeDefinitionError(f"{where}: Each is for outputs; write list[...] to collect the items of a stream")
    widget = read.find(_WIDGETS) or _default_widget(read.socket)
    socket = read.socket
    if isinstance(widget, Choice | FileChoice):
        check_choice(widget, socket.names, where)
        socket = COMBO
        if read.many:
            raise NodeDefinitionError(f"{where}: a list cannot be chosen; write list[str]")
    if read.many:
        widget = None
    if isinstance(widget, Choice) and default is REQUIRED:
        default = widget.options[0]
    label = read.find(Label) or NO_LABEL
    tooltip = read.find(str) or ""
    return Input(name, socket, default, widget, read.optional, tooltip, label, lazy=read.lazy, collects=read.many)


def _read_outputs(hints: dict[str, Any], node_id: str) -> tuple[tuple[Output, ...], bool]:
    """Return the outputs, and whether they are returned as a tuple: a `NamedTuple` may name a single output, too."""
    if "return" not in hints:
        raise NodeDefinitionError(f"{node_id}: no return type; write '-> Image', or '-> None' for no outputs")
    hint = _without_expand(hints["return"])
    if hint is None or hint is type(None):
        return (), False
    where = f"the output of {node_id}"
    if isinstance(hint, type) and issubclass(hint, tuple) and hasattr(hint, "_fields"):
        fields = typing.get_type_hints(hint, include_extras=True)
        return tuple(_read_output(name, fields[name], where) for name in hint._fields), True
    return (_read_output("", hint, where),), False


def _read_output(name: str, hint: Any, where: str) -> Output:
    read = _take_apart(hint, where)
    if read.lazy:
        raise NodeDefinitionError(f"{where}: Lazy is for inputs; a stream is lazy by itself: write Each[...]")
    if read.optional:
        raise NodeDefinitionError(f"{where}: an output is never None; return BLOCK to stop what reads it")
    socket = COMBO if read.find((Choice, FileChoice)) else read.socket
    named = name or ("output" if socket.name == "*" else socket.name)
    return Output(named, socket, read.find(str) or "", each=read.each, is_list=read.many)


def _take_apart(hint: Any, where: str) -> _Annotation:
    """Unwrap an annotation down to its socket type."""
    extras: tuple[object, ...] = ()
    around: list[str] = []
    optional = False
    while True:
        origin = typing.get_origin(hint)
        if origin is typing.Annotated:
            hint, *found = typing.get_args(hint)
            extras = (*found, *extras)
            declared = next((item for item in found if isinstance(item, SocketType)), None)
            if declared is not None:
                hint, optional = _without_none(hint, optional)
                return _annotation(declared, extras, optional, around, where)
        elif origin in _WRAPPERS:
            around.append(_WRAPPERS[origin])
            (hint,) = typing.get_args(hint)
        elif origin in _UNIONS and type(None) in typing.get_args(hint):
            hint, optional = _without_none(hint, optional)
        else:
            socket, implied = _socket(hint, where)
            return _annotation(socket, (*implied, *extras), optional, around, where)


def _annotation(
    socket: SocketType, extras: tuple[object, ...], optional: bool, around: list[str], where: str
) -> _Annotation:
    if around not in ([], ["lazy"], ["many"], ["each"], ["lazy", "many"], ["each", "many"]):
        raise NodeDefinitionError(f"{where}: write Lazy or Each once and outside, then list: Lazy[list[...]]")
    return _Annotation(socket, extras, optional, "lazy" in around, "many" in around, "each" in around)


def _socket(hint: Any, where: str) -> tuple[SocketType, tuple[object, ...]]:
    """Return the socket type of a plain annotation, and the widget that it implies."""
    if isinstance(hint, TypeVar):
        if hint.__bound__ is not None or hint.__constraints__:
            raise NodeDefinitionError(f"{where}: {hint!r} stands for any type; a union such as int | float says which")
        return generic(hint.__name__), ()
    if typing.get_origin(hint) is Literal:
        options = typing.get_args(hint)
        if not all(isinstance(option, str) for option in options):
            raise NodeDefinitionError(f"{where}: a choice is a text; write Literal['1', '2'], and int(...) inside")
        return COMBO, (Choice(options),)
    if typing.get_origin(hint) in _UNIONS:
        members = [_take_apart(member, where) for member in typing.get_args(hint)]
        if any(member.socket.generic or member.lazy or member.many or member.each for member in members):
            raise NodeDefinitionError(f"{where}: {hint!r}: Lazy, Each, list and type variables go around a union")
        return union(tuple(member.socket for member in members)), ()
    try:
        return _PLAIN[hint], ()
    except (KeyError, TypeError):
        raise NodeDefinitionError(
            f"{where}: {hint!r} is no socket type; use int, float, str, bool, Any, Literal[...] "
            f"or Annotated[<python type>, SocketType('NAME')]"
        ) from None


def _without_none(hint: Any, optional: bool) -> tuple[Any, bool]:
    """Return `X | None` without the None."""
    if typing.get_origin(hint) not in _UNIONS:
        return hint, optional
    members = typing.get_args(hint)
    rest = tuple(member for member in members if member is not type(None))
    return typing.Union[rest], optional or len(rest) < len(members)  # noqa: UP007 - built from a tuple


def _without_expand(hint: Any) -> Any:
    """Return a return type without `Expand`, which any node may return in place of its outputs."""
    if typing.get_origin(hint) not in _UNIONS:
        return None if _is_expand(hint) else hint
    rest = tuple(member for member in typing.get_args(hint) if not _is_expand(member))
    return typing.Union[rest]  # noqa: UP007 - built from a tuple


def _is_expand(hint: Any) -> bool:
    return getattr(hint, "__name__", "") == "Expand"  # by name: its module imports this one's clients


def _default_widget(socket: SocketType) -> Widget | None:
    if socket is STRING:
        return Text()
    if socket in (INT, FLOAT):
        return Number()
    if socket is BODY:
        return SubworkflowChoice()
    return Toggle() if socket is BOOLEAN else None
