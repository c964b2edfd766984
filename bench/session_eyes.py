"""Looks at what goes into calls and comes out of them: for `session_oracle.py`, and for the engine that it judges.

A call is told apart by what really goes in: its node type, and a digest of the values of its inputs. A model handle is
identified by the call that gave it.
"""

from __future__ import annotations

import dataclasses
import hashlib
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import torch

from graph.files.folders import Files
from graph.node_types.flow import Item, Items
from graph.node_types.node_type import NodeType
from graph.node_types.registry import Registry
from graph.node_types.widgets import FileChoice


@dataclass
class Made:
    """A call that was made: what it took, and what it left."""

    seconds: float
    nbytes: int
    has_handles: bool
    is_item: bool
    is_effect: bool


class Eyes:
    """Looks at what goes into calls and comes out of them. Of the session's engine, it notes every call."""

    def __init__(self, files: Files) -> None:
        self.files = files
        self.calls: list[str] = []
        self.made: dict[str, Made] = {}
        self._origins: dict[int, tuple[str, object]] = {}
        """Model handle -> the call that gave it; the handle is held, so that its number stays its own."""

    def watched(self, registry: Registry) -> Registry:
        """A registry of the same node types that notes what is called."""
        found = Registry()
        for node_type in registry:
            found.add(dataclasses.replace(node_type, function=self._watch(node_type)))
        return found

    def _watch(self, node_type: NodeType) -> Callable[..., Any]:
        def called(**inputs: Any) -> Any:
            began = time.perf_counter()
            signature = self.signature(node_type, inputs)
            returned = node_type.function(**inputs)
            if node_type.streams:
                self.calls.append(signature)
                return dataclasses.replace(returned, items=self._items(node_type, returned))
            self.note(node_type, signature, returned, time.perf_counter() - began)
            self.calls.append(signature)
            return returned

        return called

    def _items(self, node_type: NodeType, items: Items) -> Iterator[Item]:
        for item in items.items:
            yield Item(item.key, lambda item=item: self._make(node_type, item))

    def _make(self, node_type: NodeType, item: Item) -> Any:
        began = time.perf_counter()
        returned = item.make()
        signature = item_signature(node_type, item)
        self.note(node_type, signature, returned, time.perf_counter() - began, is_item=True)
        self.calls.append(signature)
        return returned

    def note(
        self, node_type: NodeType, signature: str, returned: Any, seconds: float, *, is_item: bool = False
    ) -> None:
        """Keep in mind what a call took and gave."""
        handles = [part for part in _leaves(returned) if not _is_plain(part)]
        for number, handle in enumerate(handles):
            self._origins.setdefault(id(handle), (f"{signature}/{number}", handle))
        nbytes = sum(part.nbytes for part in _leaves(returned) if isinstance(part, torch.Tensor))
        self.made[signature] = Made(seconds, nbytes, bool(handles), is_item, node_type.side_effect)

    def signature(self, node_type: NodeType, inputs: Mapping[str, Any]) -> str:
        """What tells a call apart: its type and the values that go in."""
        parts = [node_type.id]
        for name, value in sorted(inputs.items()):
            if name == node_type.context_parameter:
                continue
            parts.append(f"{name}={self.digest(value)}")
            if isinstance(node_type.by_name[name].widget, FileChoice):
                status = self.files.path(node_type.by_name[name].widget.folder, value).stat()
                parts.append(f"{status.st_size}, {status.st_mtime_ns}")
        return f"{node_type.id} {short_hash(parts)}"

    def digest(self, value: Any) -> str:
        """A digest of a value, by its content."""
        if isinstance(value, torch.Tensor):
            data = value.detach().contiguous().numpy()
            return f"{data.dtype}{data.shape}{hashlib.sha256(data.tobytes()).hexdigest()}"
        if isinstance(value, dict):
            return short_hash([f"{key!r}: {self.digest(item)}" for key, item in value.items()])
        if isinstance(value, list | tuple):
            return short_hash([type(value).__name__, *map(self.digest, value)])
        return repr(value) if _is_plain(value) else self._origins[id(value)][0]


def item_signature(node_type: NodeType, item: Item) -> str:
    """What tells an item of a stream apart."""
    return f"{node_type.id} item {item.key!r}"


def short_hash(parts: Iterable[str]) -> str:
    """A digest of some texts."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:24]


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple):
        for part in value:
            yield from _leaves(part)
    else:
        yield value


def _is_plain(value: Any) -> bool:
    return value is None or isinstance(value, torch.Tensor | str | int | float | bool)
