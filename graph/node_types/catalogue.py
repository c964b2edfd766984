"""Node types restored from the JSON of `Registry.catalogue`, in processes that do not import the nodes.

A restored node type serves for checks and cannot be called, because its function is not here. The checks of values are
missing, too, except for the plain types (INT, FLOAT, STRING, BOOLEAN, COMBO, BODY, *).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from graph.node_types.body import BODY
from graph.node_types.node_type import REQUIRED, Input, NodeType, Output
from graph.node_types.registry import MissingPack, Registry
from graph.node_types.sockets import ANY, BOOLEAN, COMBO, FLOAT, INT, STRING, SocketType, generic, union
from graph.node_types.widgets import WIDGETS, Label, Widget

_PLAIN = {socket.name: socket for socket in (INT, FLOAT, STRING, BOOLEAN, COMBO, BODY, ANY)}


@dataclass(frozen=True, slots=True)
class _SocketTypes:
    """What is known of socket types beside their names."""

    words: Mapping[str, str]
    """What a type wants."""
    converts: Mapping[str, Collection[str]]
    """The types that inputs of a type convert: where types join, it counts for outputs, too."""


def restore(
    described: Iterable[Mapping[str, Any]],
    sockets: Mapping[str, str] | None = None,
    packs: Iterable[Mapping[str, Any]] = (),
) -> Registry:
    """Return a registry of restored node types; `sockets` describes each socket type in words.

    `packs` are the reports on packs: they say which nodes are missing because their pack was left out.

    Raises `KeyError`, `TypeError` or `ValueError` for an invalid catalogue.
    """
    registry = Registry()
    nodes = list(described)
    types = _SocketTypes(sockets or {}, _conversions(nodes))
    for node in nodes:
        registry.add(_node_type(node, types))
    for pack in packs:
        line = f":{pack['line']}" if pack.get("line") else ""
        place = f"{pack.get('file', '')}{line}"
        registry.note_absent(MissingPack(pack["name"], pack["error"], place, tuple(pack.get("missing", ()))))
    return registry


def check_description(described: Mapping[str, Any]) -> None:
    """Raise `TypeError` for a description with fields of wrong types, such as a title that is no text."""
    words = [described[name] for name in ("id", "title", "category", "help", "module")]
    words += [item[name] for item in described["inputs"] for name in ("name", "type", "title", "tooltip")]
    words += [item[name] for item in described["outputs"] for name in ("name", "type", "tooltip")]
    words += [*described["aliases"], *(option for item in described["inputs"] for option in _options(item))]
    for word in words:
        if not isinstance(word, str):
            raise TypeError(f"{word!r} is no text")
    if type(described["version"]) is not int:
        raise TypeError(f"the version {described['version']!r} is no whole number")


def _conversions(nodes: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, None]]:
    found: dict[str, dict[str, None]] = {}
    for node in nodes:
        for item in node["inputs"]:
            name = item["type"]
            if not item["generic"] and "," not in name:
                found.setdefault(name, {}).update(dict.fromkeys(other for other in item["accepts"] if other != name))
    return found


def _options(item: Mapping[str, Any]) -> Iterable[Any]:
    options: Iterable[Any] = item.get("widget", {}).get("options", ())
    return options


def socket_descriptions(registry: Registry) -> dict[str, str]:
    """Return the description of each socket type of a registry, in words."""
    found: dict[str, str] = {}
    for node_type in registry:
        types = [item.type for item in node_type.inputs] + [item.type for item in node_type.outputs]
        for socket in types:
            if socket.describe and "," not in socket.name:
                found.setdefault(socket.name, socket.describe)
    return found


def _node_type(node: Mapping[str, Any], types: _SocketTypes) -> NodeType:
    return NodeType(
        id=node["id"],
        title=node["title"],
        category=node["category"],
        help=node["help"],
        inputs=tuple(_input(item, types) for item in node["inputs"]),
        outputs=tuple(_output(item, types) for item in node["outputs"]),
        function=_elsewhere,
        version=node["version"],
        side_effect=node["side_effect"],
        lane=node["lane"],
        is_async=node["is_async"],
        module=node["module"],
        aliases=tuple(node["aliases"]),
        experimental=node["experimental"],
        deprecated=node["deprecated"],
        writes=node.get("writes", ""),
        hands_on=node.get("hands_on", ""),
    )


def _input(item: Mapping[str, Any], types: _SocketTypes) -> Input:
    return Input(
        name=item["name"],
        type=_socket(item["type"], item["accepts"], types, item["generic"]),
        default=item.get("default", REQUIRED),
        widget=_widget(item["widget"]) if "widget" in item else None,
        optional=item["optional"],
        tooltip=item["tooltip"],
        label=Label(item["title"], item["advanced"]),
        lazy=item["lazy"],
        collects=item["collects"],
    )


def _output(item: Mapping[str, Any], types: _SocketTypes) -> Output:
    return Output(
        name=item["name"],
        type=_socket(item["type"], None, types, item["generic"]),
        tooltip=item["tooltip"],
        each=item["each"],
        is_list=item["is_list"],
    )


def _widget(described: Mapping[str, Any]) -> Widget:
    fields = {name: tuple(value) if isinstance(value, list) else value for name, value in described.items()}
    widget: Widget = WIDGETS[described["kind"]](**fields)
    return widget


def _socket(name: str, accepts: Iterable[str] | None, types: _SocketTypes, generic_name: str = "") -> SocketType:
    """The type of a socket; that of an output, which is not described with what it accepts, converts what inputs do."""
    if generic_name:
        return generic(generic_name)
    if name in _PLAIN:
        return _PLAIN[name]
    if "," in name:
        joined = union(tuple(_socket(member, None, types) for member in name.split(",")))
        if accepts is None:
            return joined
        behind = list(accepts)[len(joined.names) :]  # the members come first, then the types that they convert
        return replace(joined, converts={other: joined.converts.get(other, _convert_elsewhere) for other in behind})
    others = types.converts.get(name, ()) if accepts is None else accepts
    return SocketType(
        name, None, types.words.get(name, ""), {other: _convert_elsewhere for other in others if other != name}
    )


def _elsewhere(**_: object) -> object:
    raise RuntimeError("this node type was restored from its description; its code is in the worker")


def _convert_elsewhere(value: object) -> object:
    return value
