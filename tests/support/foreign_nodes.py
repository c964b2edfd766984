"""A toy adapter for nodes of another program: classes with INPUT_TYPES, RETURN_TYPES and FUNCTION become node types.

It imports `graph.api` only, as an adapter in a pack would, and covers what such classes use most: widgets with limits,
choices, optional and hidden inputs, lazy inputs, lists, side effects, a fingerprint of their own, blocking and pictures
to show. One instance is made for a class and kept.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from graph.api import (
    ANY,
    BLOCK,
    BOOLEAN,
    COMBO,
    FLOAT,
    INT,
    REQUIRED,
    STRING,
    Artifact,
    Choice,
    Input,
    Lazy,
    NodeContext,
    NodeType,
    Number,
    Output,
    Registry,
    SocketType,
    Text,
    Toggle,
    get_all,
    make_node_type,
)

PLAIN = {"INT": INT, "FLOAT": FLOAT, "STRING": STRING, "BOOLEAN": BOOLEAN, "*": ANY}


class Blocker:
    """What a foreign node returns to stop a branch."""


def add_all(registry: Registry, classes: Mapping[str, type]) -> None:
    """Add foreign classes by the ids that their pack gives them."""
    for node_id, definition in classes.items():
        registry.add(adapt(node_id, definition))


def adapt(node_id: str, definition: Any) -> NodeType:
    """The node type of one foreign class."""
    described = definition.INPUT_TYPES()
    hidden = described.get("hidden", {})
    takes_lists = bool(getattr(definition, "INPUT_IS_LIST", False))
    gives_lists = tuple(getattr(definition, "OUTPUT_IS_LIST", ()))
    names = getattr(definition, "RETURN_NAMES", definition.RETURN_TYPES)
    inputs = [
        _input(name, spec, optional=part == "optional", collects=takes_lists)
        for part in ("required", "optional")
        for name, spec in described.get(part, {}).items()
    ]
    outputs = [
        Output(name, _socket(kind), is_list=is_list)
        for name, kind, is_list in zip(
            names, definition.RETURN_TYPES, gives_lists or (False,) * len(names), strict=True
        )
    ]
    return make_node_type(
        _caller(definition(), definition.FUNCTION, inputs, hidden),
        id=node_id,
        inputs=inputs,
        outputs=outputs,
        category=getattr(definition, "CATEGORY", "foreign"),
        help=getattr(definition, "DESCRIPTION", ""),
        side_effect=getattr(definition, "OUTPUT_NODE", False),
        fingerprint=getattr(definition, "IS_CHANGED", None),
        context_parameter="ctx",
        returns_tuple=True,
        defined_by=definition,
        module=definition.__module__,
    )


def _input(name: str, spec: Sequence[Any], *, optional: bool, collects: bool) -> Input:
    kind, options = spec[0], (spec[1] if len(spec) > 1 else {})
    choices = tuple(kind) if isinstance(kind, list) else ()
    widget: Any = None
    if choices:
        widget = Choice(choices)
    elif kind in ("INT", "FLOAT"):
        widget = Number(options.get("min"), options.get("max"), options.get("step"))
    elif kind == "STRING":
        widget = Text(multiline=options.get("multiline", False))
    elif kind == "BOOLEAN":
        widget = Toggle()
    if collects or options.get("forceInput"):
        widget = None
    default = options.get("default", choices[0] if choices else REQUIRED) if widget is not None else REQUIRED
    if optional and default is REQUIRED:
        default = None
    lazy = options.get("lazy", False)
    tooltip = options.get("tooltip", "")
    return Input(name, _socket(kind), default, widget, optional, tooltip, lazy=lazy, collects=collects)


def _socket(kind: Any) -> SocketType:
    if isinstance(kind, list):
        return COMBO
    return PLAIN.get(kind) or SocketType(kind)


def _caller(
    instance: Any, method: str, inputs: Sequence[Input], hidden: Mapping[str, str]
) -> Callable[..., tuple[Any, ...]]:
    lazies = [item.name for item in inputs if item.lazy]

    def call(ctx: NodeContext, **values: Any) -> tuple[Any, ...]:
        given = {name: value for name, value in values.items() if value is not None}
        if lazies:
            waiting: dict[str, Lazy[Any]] = {name: given.pop(name) for name in lazies}
            peeked = {name: each.peek() for name, each in waiting.items()}
            get_all(*(waiting[name] for name in instance.check_lazy_status(**given, **peeked)))
            given |= peeked
        given |= {name: ctx.record.run_id for name, key in hidden.items() if key == "UNIQUE_ID"}
        returned = getattr(instance, method)(**given)
        if isinstance(returned, dict):
            for picture in _pictures(returned):
                ctx.show(picture)
            returned = returned.get("result", ())
        return tuple(BLOCK if isinstance(value, Blocker) else value for value in returned)

    return call


def _pictures(returned: Mapping[str, Any]) -> Iterator[Artifact]:
    for picture in returned.get("ui", {}).get("images", ()):
        yield Artifact(picture["type"], picture["filename"])
