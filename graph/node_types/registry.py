"""The node types of an installation, by id. An application fills it and passes it on; it is never global."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from types import ModuleType
from typing import Any

from graph.node_types.node_type import DependencyScanner, Input, Missing, NodeType, Output
from graph.node_types.sockets import SocketType
from graph.node_types.widgets import FileChoice


@dataclass(frozen=True, slots=True)
class MissingPack:
    """A pack that was left out, and why; `place` is the file and line, if known."""

    pack: str
    error: str
    place: str = ""
    node_ids: tuple[str, ...] = ()


class DuplicateNodeError(ValueError):
    """Two modules define a node with the same id."""


class Registry:
    """Node types by id, in the order in which they were added."""

    def __init__(self) -> None:
        self._types: dict[str, NodeType] = {}
        self._sockets: dict[str, SocketType] = {}
        self._scanners: set[DependencyScanner] = set()
        self.absent: dict[str, MissingPack] = {}
        """Packs that were left out, by name."""
        self._absent_nodes: dict[str, MissingPack] = {}

    def add(self, node_type: NodeType) -> None:
        """Add one node type. Raises `DuplicateNodeError` if the id is taken."""
        self.add_all([node_type])

    def add_all(self, node_types: Iterable[NodeType]) -> None:
        """Add some node types, or none of them if an id is taken."""
        added = list(node_types)
        for node_type in added:
            taken = self._types.get(node_type.id)
            if taken is not None and taken is not node_type:
                raise DuplicateNodeError(f"node {node_type.id!r} is in {taken.module} and in {node_type.module}")
        self._types.update({node_type.id: node_type for node_type in added})
        self._scanners.update(each.dependencies.scanner for each in added if each.dependencies is not None)
        for node_type in added:
            types = [item.type for item in node_type.inputs] + [item.type for item in node_type.outputs]
            for socket in types:
                self._sockets.update({each.name: each for each in socket.members or (socket,)})

    def add_module(self, module: ModuleType) -> None:
        """Add the node types that `module` itself defines: `@node` functions, and `NodeType` values."""
        for value in vars(module).values():
            node_type = node_type_in(value)
            if node_type is not None and node_type.module == module.__name__:
                self.add(node_type)

    def recheck_dependencies(self) -> None:
        """Have the dependencies of packs checked again in the run that begins."""
        for scanner in self._scanners:
            scanner.generation += 1

    def note_absent(self, absent: MissingPack) -> None:
        """Record that a pack was left out, so that errors about its nodes name it. Ignores one without an error."""
        if absent.error:
            self.absent[absent.pack] = absent
            self._absent_nodes.update(dict.fromkeys(absent.node_ids, absent))

    def absent_with(self, node_id: str) -> MissingPack | None:
        """Return the pack that was left out and has, or would have, a node."""
        return self._absent_nodes.get(node_id)

    def get(self, node_id: str) -> NodeType | None:
        """Return the node type with this id, or None."""
        return self._types.get(node_id)

    def convert(self, value: object, target: SocketType) -> object:
        """Convert a value of unknown type for `target`, if `target` converts values of its type.

        For values that a loop passes on, where no edge has a type: the checks of the socket types recognize the value.
        Returns the value itself if nothing applies.
        """
        if target.check is None or not target.check(value):
            return value
        for name, convert in target.converts.items():
            socket = self._sockets.get(name)
            if socket is not None and socket.check is not None and not socket.check(value):
                try:
                    return convert(value)
                except Exception:  # noqa: BLE001 - code of an author; the check of the input reports the value
                    return value
        return value

    def closest(self, node_id: str) -> str | None:
        """Return the known id that `node_id` means: by a title or alias, or the most similar id."""
        meant = _plain(node_id)
        for item in self:
            if meant in map(_plain, (item.title, *item.aliases)):
                return item.id
        by_fold = {known.casefold(): known for known in self._types}
        found = difflib.get_close_matches(node_id.casefold(), by_fold, n=1, cutoff=0.6)
        return by_fold[found[0]] if found else None

    def makers_of(self, type_name: str) -> list[str]:
        """Return the ids of the nodes with an output of a type, those with the fewest connections first."""
        makers = [item for item in self if any(output.type.name == type_name for output in item.outputs)]
        return [item.id for item in sorted(makers, key=lambda item: sum(each.widget is None for each in item.inputs))]

    def __iter__(self) -> Iterator[NodeType]:
        return iter(self._types.values())

    def __len__(self) -> int:
        return len(self._types)

    def catalogue(self) -> list[dict[str, Any]]:
        """Return all node types as JSON-ready data, for the editor."""
        return [describe(node_type) for node_type in self]


def node_type_in(value: object) -> NodeType | None:
    """Return the node type that a value of a module is, or that `@node` attached to it."""
    if isinstance(value, NodeType):
        return value
    try:
        found = getattr(value, "__node_type__", None)
    except Exception:  # noqa: BLE001 - an object of a pack that is no node
        return None
    return found if isinstance(found, NodeType) else None


def _plain(name: str) -> str:
    return name.replace(" ", "").casefold()


def describe(node_type: NodeType) -> dict[str, Any]:
    """Return one node type as JSON-ready data."""
    return {
        "id": node_type.id,
        "title": node_type.title,
        "category": node_type.category,
        "help": node_type.help,
        "inputs": [_describe_input(item) for item in node_type.inputs],
        "outputs": [_describe_output(item) for item in node_type.outputs],
        "version": node_type.version,
        "side_effect": node_type.side_effect,
        "lane": node_type.lane,
        "is_async": node_type.is_async,
        "module": node_type.module,
        "aliases": list(node_type.aliases),
        "experimental": node_type.experimental,
        "deprecated": node_type.deprecated,
        "writes": node_type.writes,
        "hands_on": node_type.hands_on,
    }


def _describe_input(item: Input) -> dict[str, Any]:
    described: dict[str, Any] = {
        "name": item.name,
        "type": item.type.name,
        "title": item.title,
        "tooltip": item.tooltip,
        "optional": item.optional,
        "advanced": item.label.advanced,
        "accepts": [*item.type.names, *item.type.converts],
        "lazy": item.lazy,
        "collects": item.collects,
        "generic": item.type.generic,
    }
    if not isinstance(item.default, Missing):
        described["default"] = item.default
    if item.widget is not None:
        described["widget"] = {field.name: getattr(item.widget, field.name) for field in fields(item.widget)}
        if isinstance(item.widget, FileChoice):
            described["widget"]["folder"] = item.widget.folder
    return described


def _describe_output(item: Output) -> dict[str, Any]:
    return {
        "name": item.name,
        "type": item.type.name,
        "tooltip": item.tooltip,
        "each": item.each,
        "is_list": item.is_list,
        "generic": item.type.generic,
    }
