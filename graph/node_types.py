"""Node types: a typed Python function read as a schema.

The signature is the one place where a node is described: parameters are inputs, the return type is the outputs, the
docstring is the help, `Annotated` carries widgets and tooltips. `@node` leaves the function callable as it is and
hangs the type on it; nothing is registered behind the author's back (see `graph.registry`).
"""

from __future__ import annotations

import inspect
import re
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from graph.context import NodeContext
from graph.identity import code_fingerprint
from graph.sockets import ANY, BOOLEAN, COMBO, FLOAT, INT, STRING, SocketType, union
from graph.widgets import Choice, FileChoice, Label, Number, Seed, Slider, Text, Toggle, Widget

Lane = Literal["cpu", "io", "device"]
Function = TypeVar("Function", bound=Callable[..., Any])


class Missing:
    """The default of an input that must be given."""

    def __repr__(self) -> str:
        return "required"


REQUIRED = Missing()
NO_LABEL = Label()
_PLAIN: dict[object, SocketType] = {int: INT, float: FLOAT, str: STRING, bool: BOOLEAN, Any: ANY, object: ANY}
_WIDGETS = (Number, Slider, Seed, Text, Toggle, Choice, FileChoice)


class NodeDefinitionError(TypeError):
    """A node function cannot be read as a node type; the message says what to change."""


@dataclass(frozen=True, slots=True)
class Input:
    """One input of a node type. `optional` inputs may stay unconnected and are then `None`."""

    name: str
    type: SocketType
    default: object = REQUIRED
    widget: Widget | None = None
    optional: bool = False
    tooltip: str = ""
    label: Label = NO_LABEL

    @property
    def title(self) -> str:
        """What a person reads beside the socket."""
        return self.label.text or self.name.replace("_", " ").strip().capitalize()


@dataclass(frozen=True, slots=True)
class Output:
    """One output of a node type."""

    name: str
    type: SocketType
    tooltip: str = ""


@dataclass(frozen=True, slots=True)
class NodeType:
    """A node type as the engine, the editor and the command line see it."""

    id: str
    title: str
    category: str
    help: str
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    function: Callable[..., Any] = field(repr=False)
    version: int = 1
    side_effect: bool = False
    cache: bool = True
    lane: Lane = "cpu"
    fingerprint: Callable[..., object] | None = field(default=None, repr=False)
    context_parameter: str | None = None
    returns_tuple: bool = False
    code: str = ""
    module: str = ""
    aliases: tuple[str, ...] = ()
    experimental: bool = False
    deprecated: bool = False
    by_name: Mapping[str, Input] = field(default_factory=dict, repr=False, compare=False)
    output_index: Mapping[str, int] = field(default_factory=dict, repr=False, compare=False)
    recipe: bytes = field(default=b"", repr=False, compare=False)


def node(
    id: str,  # noqa: A002 - the field's word for it
    *,
    title: str = "",
    category: str,
    version: int = 1,
    side_effect: bool = False,
    cache: bool = True,
    lane: Lane = "cpu",
    fingerprint: Callable[..., object] | None = None,
    aliases: tuple[str, ...] = (),
    experimental: bool = False,
    deprecated: bool = False,
) -> Callable[[Function], Function]:
    """Make a function a node type.

    `version` is part of the cache key: raise it when the same inputs give another output. `side_effect` marks a node
    that does something besides returning (save, preview); such nodes are what a run aims for. `fingerprint` is called
    with the node's literal inputs and returns what else its result depends on (files named by `FileChoice` are
    counted without it). `cache=False` runs the node every time. `lane` says what it keeps busy: "device" nodes run
    one at a time, "cpu" and "io" nodes beside each other.

    Raises `NodeDefinitionError` when the signature does not say enough.
    """

    def decorate(function: Function) -> Function:
        inputs, context_parameter = _read_inputs(function, id)
        outputs, returns_tuple = _read_outputs(function, id)
        code = code_fingerprint(function)
        function.__node_type__ = NodeType(  # type: ignore[attr-defined]
            id=id,
            title=title or _words(id),
            category=category,
            help=inspect.cleandoc(function.__doc__ or ""),
            inputs=inputs,
            outputs=outputs,
            function=function,
            version=version,
            side_effect=side_effect,
            cache=cache,
            lane=lane,
            fingerprint=fingerprint,
            context_parameter=context_parameter,
            returns_tuple=returns_tuple,
            code=code,
            module=function.__module__,
            aliases=aliases,
            experimental=experimental,
            deprecated=deprecated,
            by_name={item.name: item for item in inputs},
            output_index={item.name: index for index, item in enumerate(outputs)},
            recipe=f"{id}\0{version}\0{code}\0".encode(),
        )
        return function

    return decorate


def _hints(function: Callable[..., Any], node_id: str) -> dict[str, Any]:
    try:
        return typing.get_type_hints(function, include_extras=True)
    except Exception as error:
        raise NodeDefinitionError(f"{node_id}: an annotation cannot be read: {error}") from error


def _read_inputs(function: Callable[..., Any], node_id: str) -> tuple[tuple[Input, ...], str | None]:
    hints = _hints(function, node_id)
    inputs: list[Input] = []
    context_parameter: str | None = None
    if inspect.iscoroutinefunction(function):
        raise NodeDefinitionError(f"{node_id}: 'async def' is not a node; write a plain 'def'")
    for name, parameter in inspect.signature(function).parameters.items():
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD, parameter.POSITIONAL_ONLY):
            raise NodeDefinitionError(f"{node_id}: parameter {name!r} cannot be given by name; name each input")
        if name not in hints:
            raise NodeDefinitionError(f"{node_id}: parameter {name!r} has no type; annotate it, e.g. '{name}: int'")
        if hints[name] is NodeContext:
            context_parameter = name
            continue
        default = REQUIRED if parameter.default is parameter.empty else parameter.default
        inputs.append(_read_input(name, hints[name], default, node_id))
    return tuple(inputs), context_parameter


def _read_input(name: str, hint: Any, default: object, node_id: str) -> Input:
    hint, optional = _without_none(hint)
    socket, extras = _socket(hint, f"{node_id}.{name}")
    widget = next((item for item in extras if isinstance(item, _WIDGETS)), None) or _default_widget(socket)
    if isinstance(widget, Slider) and (widget.min is None or widget.max is None):
        raise NodeDefinitionError(f"{node_id}.{name}: a slider needs both limits; write Slider(0, 1)")
    if isinstance(widget, Choice | FileChoice):
        socket = COMBO
    if isinstance(widget, Choice) and default is REQUIRED:
        default = widget.options[0]
    if isinstance(widget, Choice) and default not in widget.options and not optional:
        raise NodeDefinitionError(f"{node_id}.{name}: default {default!r} is not one of {widget.options}")
    tooltip = next((item for item in extras if isinstance(item, str)), "")
    label = next((item for item in extras if isinstance(item, Label)), NO_LABEL)
    return Input(name, socket, default, widget, optional, tooltip, label)


def _read_outputs(function: Callable[..., Any], node_id: str) -> tuple[tuple[Output, ...], bool]:
    """The outputs, and whether they come as a tuple: a `NamedTuple` may name a single output, too."""
    hints = _hints(function, node_id)
    if "return" not in hints:
        raise NodeDefinitionError(f"{node_id}: no return type; write '-> Image', or '-> None' for no outputs")
    hint = hints["return"]
    if hint is None or hint is type(None):
        return (), False
    if isinstance(hint, type) and issubclass(hint, tuple) and hasattr(hint, "_fields"):
        fields = typing.get_type_hints(hint, include_extras=True)
        return tuple(_read_output(name, fields[name], node_id) for name in hint._fields), True
    return (_read_output(None, hint, node_id),), False


def _read_output(name: str | None, hint: Any, node_id: str) -> Output:
    socket, extras = _socket(hint, f"the output of {node_id}")
    tooltip = next((item for item in extras if isinstance(item, str)), "")
    if any(isinstance(item, Choice | FileChoice) for item in extras):
        socket = COMBO
    return Output(name or ("output" if socket.name == "*" else socket.name), socket, tooltip)


def _socket(hint: Any, where: str) -> tuple[SocketType, tuple[object, ...]]:
    """The socket type of an annotation, and what else `Annotated` carried."""
    extras: tuple[object, ...] = ()
    while typing.get_origin(hint) is typing.Annotated:
        hint, *found = typing.get_args(hint)
        extras = (*found, *extras)
    declared = next((item for item in extras if isinstance(item, SocketType)), None)
    if declared is not None:
        return declared, extras
    if typing.get_origin(hint) is Literal:
        return COMBO, (*extras, Choice(tuple(str(option) for option in typing.get_args(hint))))
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        return union(tuple(_socket(member, where)[0] for member in typing.get_args(hint))), extras
    try:
        return _PLAIN[hint], extras
    except (KeyError, TypeError):
        raise NodeDefinitionError(
            f"{where}: {hint!r} is no socket type; use int, float, str, bool, Any, Literal[...] "
            f"or Annotated[<python type>, SocketType('NAME')]"
        ) from None


def _without_none(hint: Any) -> tuple[Any, bool]:
    """Take `None` out of `X | None`; an `Annotated` around it stays around."""
    if typing.get_origin(hint) is typing.Annotated:
        inner, *extras = typing.get_args(hint)
        inner, optional = _without_none(inner)
        return (typing.Annotated[(inner, *extras)], True) if optional else (hint, False)
    if typing.get_origin(hint) not in (typing.Union, types.UnionType):
        return hint, False
    members = typing.get_args(hint)
    rest = tuple(member for member in members if member is not type(None))
    if len(rest) == len(members):
        return hint, False
    return typing.Union[rest], True  # noqa: UP007 - built from a tuple


def _default_widget(socket: SocketType) -> Widget | None:
    if socket is STRING:
        return Text()
    if socket in (INT, FLOAT):
        return Number()
    return Toggle() if socket is BOOLEAN else None


def _words(identifier: str) -> str:
    """'ImageBlur' -> 'Image Blur', 'VAEDecode' -> 'VAE Decode'."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", identifier)
