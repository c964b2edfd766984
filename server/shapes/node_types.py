"""Node types, widgets and packs, as a worker reports them and the editor draws them.

Fields that came after the first version have a default: a list that an earlier version kept may lack them.
"""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any, Union, get_args

import msgspec
from msgspec import UNSET, UnsetType

from graph.node_types import widgets
from server.shapes.engine_records import shape_of
from server.shapes.problems import PLAIN

NEWER = ("multiple_of", "file_name", "words")
"""Fields of widgets that came after the first version."""
_NAMES = {widgets.FileChoice: "FileWidget", widgets.SubworkflowChoice: "SubworkflowWidget"}


def _widget(kind: type[Any]) -> type[msgspec.Struct]:
    """The shape of a widget of the engine, which says by a field of which kind it is."""
    tag = str(next(item.default for item in fields(kind) if item.name == "kind"))
    name = _NAMES.get(kind, f"{kind.__name__}Widget")
    return shape_of(kind, PLAIN, name=name, tag=("kind", tag), left_out=("kind",), optional=NEWER, strict=False)


if TYPE_CHECKING:
    Widget = dict[str, Any]
else:
    Widget = Union[tuple(map(_widget, get_args(widgets.Widget)))]  # noqa: UP007 - of a tuple that is made here


class InputType(msgspec.Struct, kw_only=True):
    """An input of a node type."""

    name: str
    type: str
    title: str
    tooltip: str
    optional: bool
    advanced: bool
    accepts: list[str]
    default: Any = UNSET
    widget: Widget | UnsetType = UNSET
    lazy: bool | UnsetType = UNSET
    """Worked out only when the node asks for it."""
    collects: bool | UnsetType = UNSET
    """Takes a list: a stream, or a list of one."""
    generic: str | UnsetType = UNSET
    """Sockets of a node with the same name here carry the same type: the one that flows in."""


class OutputType(msgspec.Struct, kw_only=True):
    """An output of a node type."""

    name: str
    type: str
    tooltip: str
    each: bool | UnsetType = UNSET
    """A stream: what is below runs once for each item."""
    is_list: bool | UnsetType = UNSET
    """All items at once, as a list."""
    generic: str | UnsetType = UNSET
    """As in an input."""


class NodeType(msgspec.Struct, kw_only=True):
    """A node type."""

    id: str
    title: str
    category: str
    help: str
    inputs: list[InputType]
    outputs: list[OutputType]
    version: int
    side_effect: bool
    lane: str
    is_async: bool | UnsetType = UNSET
    module: str
    aliases: list[str]
    experimental: bool
    deprecated: bool
    writes: str | UnsetType = UNSET
    hands_on: str | UnsetType = UNSET


class PackInfo(msgspec.Struct, kw_only=True):
    """How loading a node pack went; `error` is empty when it went well."""

    name: str
    node_ids: list[str]
    error: str
    details: str
    cause: str
    file: str
    """Where it went wrong, as seen from the folder of the packs."""
    line: int
    missing: list[str]
    """Nodes that are not here because of it."""
    refused: list[str]
    """Why single nodes are left out."""
    changed: list[str]
    """What the pack had replaced in the program; that was put back."""


class Catalogue(msgspec.Struct, kw_only=True):
    """All node types, and how loading the packs went."""

    nodes: list[NodeType]
    packs: list[PackInfo]
    sockets: dict[str, str]
    """What each socket type wants, in words."""
