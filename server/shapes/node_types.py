"""Node types, widgets and packs, as a worker reports them and the editor draws them.

Fields that were added after the first version have a default: a stored list may be of an earlier version.
"""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any, Union, get_args

import msgspec
from msgspec import UNSET, UnsetType

from graph.node_types import widgets
from server.shapes.engine_records import shape_of
from server.shapes.problems import PLAIN

NEWER = ("multiple_of", "file_name", "words", "fits", "none")
"""Fields of widgets that were added after the first version."""
_NAMES = {widgets.FileChoice: "FileWidget", widgets.SubworkflowChoice: "SubworkflowWidget"}


def _widget(kind: type[Any]) -> type[msgspec.Struct]:
    """Returns the struct of a widget of the engine, whose kind is a field."""
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
    """Computed only if the node requests it."""
    collects: bool | UnsetType = UNSET
    """Takes a list: the items of a stream, or a list of one value."""
    generic: str | UnsetType = UNSET
    """Sockets of a node with the same name here have the same type: that of the connected input."""


class OutputType(msgspec.Struct, kw_only=True):
    """An output of a node type."""

    name: str
    type: str
    tooltip: str
    each: bool | UnsetType = UNSET
    """A stream: nodes below run once for each item."""
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
    """The report about a node pack; `error` is empty if it was loaded."""

    name: str
    node_ids: list[str]
    error: str
    details: str
    cause: str
    file: str
    """The place of the error, relative to the folder of the packs."""
    line: int
    missing: list[str]
    """Nodes that are missing because of it."""
    refused: list[str]
    """Why single nodes are left out."""
    changed: list[str]
    """What the pack had replaced in the program; it was restored."""


class Catalogue(msgspec.Struct, kw_only=True):
    """All node types, and the reports about packs."""

    nodes: list[NodeType]
    packs: list[PackInfo]
    sockets: dict[str, str]
    """A description of each socket type."""
