"""The memory of an engine: results by cache key, bounded in bytes, least recently used first to go.

A result that is larger than the whole budget is not kept. Reading a result makes it recent. Safe from any thread.
"""

from __future__ import annotations

import sys
import threading
from collections import OrderedDict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from graph import memory_cache, result
from graph.context import Artifact
from graph.explain import History
from graph.fingerprint import Fingerprints
from graph.keys import Key


@dataclass(frozen=True, slots=True)
class Result:
    """What a call returned: a value for each output, what it showed, and the seconds that it took."""

    values: tuple[Any, ...]
    artifacts: tuple[Artifact, ...] = ()
    seconds: float = 0.0


class MemoryCache:
    """Results in memory, at most `max_bytes` of them."""

    def __init__(self, max_bytes: int) -> None:
        self.max_bytes = max_bytes
        self._entries: OrderedDict[Key, tuple[Result, int]] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    @property
    def nbytes(self) -> int:
        """The bytes held now; never more than `max_bytes`."""
        return self._bytes

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: Key) -> Result | None:
        """The result remembered under a key, or None."""
        with self._lock:
            entry = self._entries.get(key)
            if entry is None:
                return None
            self._entries.move_to_end(key)
            return entry[0]

    def put(self, key: Key, result: Result) -> None:
        """Remember a result, and forget the least recent ones while there are too many bytes."""
        size = size_of(result.values) + 200  # the entry itself
        with self._lock:
            self._drop(key)
            if size > self.max_bytes:
                return
            self._entries[key] = (result, size)
            self._bytes += size
            while self._bytes > self.max_bytes:
                self._drop(next(iter(self._entries)))

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._entries.clear()
            self._bytes = 0

    def _drop(self, key: Key) -> None:
        entry = self._entries.pop(key, None)
        if entry is not None:
            self._bytes -= entry[1]


def size_of(value: object) -> int:
    """Bytes that a value holds: `nbytes` where it says so (tensors, arrays, model handles), else Python's count.

    Looks into lists, tuples and dicts, without recursion, and counts an object that occurs twice once.
    """
    total = 0
    seen: set[int] = set()
    pending = [value]
    while pending:
        item = pending.pop()
        if id(item) in seen:
            continue
        seen.add(id(item))
        nbytes = getattr(item, "nbytes", None)
        if isinstance(nbytes, int):
            total += nbytes
            continue
        total += sys.getsizeof(item, 64)
        if isinstance(item, dict):
            pending += item.keys()
            pending += item.values()
        elif isinstance(item, list | tuple | set | frozenset):
            pending += item
    return total


@dataclass(frozen=True, slots=True)
class Statistics:
    """What a cache holds now."""

    keys: int
    """Keys in memory."""
    values: int
    """Results with values in memory that could be let go."""
    nbytes: int
    max_bytes: int

    def as_json(self) -> dict[str, Any]:
        """For JSON."""
        return {"keys": self.keys, "values": self.values, "bytes": self.nbytes, "max_bytes": self.max_bytes}


class Cache:
    """What an engine remembers."""

    def __init__(self, memory: memory_cache.MemoryCache) -> None:
        self.memory = memory
        self.fingerprints = Fingerprints(memory.codecs)
        self.history = History()

    def find(self, key: Key) -> result.Result | result.Asked | None:
        """What is remembered under a key."""
        return self.memory.find(key)

    def values(self, found: result.Result) -> tuple[Any, ...] | None:
        """The values of a result; None when they are gone."""
        return found.values

    def keep(self, keys: Sequence[Key], found: result.Result, *, node_type: str, stream_item: bool = False) -> None:
        """Remember a result under all of its keys; again with more keys, if it is found to answer for them, too."""
        del node_type  # for a tier that tells people what it holds
        self.memory.keep(keys, found, only_if_dear=stream_item)

    def keep_asked(self, keys: Sequence[Key], asked: result.Asked) -> None:
        """Remember that a call got as far as asking for some lazy inputs."""
        self.memory.keep_asked(keys, asked)

    def expect(self, keys: Collection[Key]) -> None:
        """What queued runs will need goes last; tell it whenever the queue changes."""
        self.memory.expect(keys)

    def refresh(self) -> None:
        """See what other processes have remembered meanwhile: at the beginning of a run."""

    def flush(self) -> None:
        """Wait until everything is written."""

    def close(self) -> None:
        """Write what is waiting, and let go of files. Closing twice is fine."""

    def clear(self) -> None:
        """Forget everything, in every tier."""
        self.memory.clear()

    def statistics(self) -> Statistics:
        """What is held now."""
        return Statistics(len(self.memory), self.memory.value_count, self.memory.nbytes, self.memory.max_bytes)
