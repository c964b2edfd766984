"""The cache of an engine, in two tiers: memory, then disk."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from graph.caching.call_history import History, call_to_json, calls_from_json
from graph.caching.disk.disk_cache import DiskCache, DiskStatistics
from graph.caching.disk.writer import MOST_CALLS
from graph.caching.memory_cache import MemoryCache
from graph.node_types.warnings import NodeWarnings
from graph.results.fingerprint import Fingerprinter
from graph.results.result import WARNED, Key, RequestedInputs, Result


@dataclass(frozen=True, slots=True)
class Statistics:
    """What a cache holds."""

    keys: int
    """Keys in memory."""
    values: int
    """Results in memory with values that can be evicted."""
    nbytes: int
    max_bytes: int
    disk: DiskStatistics | None = None

    def as_json(self) -> dict[str, Any]:
        """Return it for JSON."""
        return asdict(self)


_MOST_WARNED = 50_000


class Cache:
    """The cache of an engine: the memory tier, and the disk tier if there is one. Safe from any thread."""

    def __init__(self, memory: MemoryCache, disk: DiskCache | None = None) -> None:
        self.memory = memory
        self.disk = disk
        self.fingerprinter = Fingerprinter(memory.codecs)
        self._history: History | None = None
        self._warned: dict[Key, None] = {}
        """The last keys under which warnings were stored in this process."""
        self._lock = threading.Lock()

    @property
    def history(self) -> History:
        """The history of calls; calls from before a restart are read on first use."""
        with self._lock:
            if self._history is None:
                self._history = History(calls_from_json(self.disk.calls()) if self.disk else ())
            return self._history

    def find(self, key: Key) -> Result | RequestedInputs | None:
        """Return what is stored under a key. A result may come without its values: get them with `values`."""
        found = self.memory.find(key)
        if found is None and self.disk is not None and self.disk.knows(key):
            return self._find_on_disk(key, self.disk)
        return found

    def _find_on_disk(self, key: Key, disk: DiskCache) -> Result | RequestedInputs | None:
        stored = disk.find(key)
        if stored is None:
            return None
        keys, found = stored
        if isinstance(found, RequestedInputs):
            self.memory.keep_requested(keys, found)
            return found
        for other in keys:  # it may be in memory under another key
            known = self.memory.find(other)
            if isinstance(known, Result) and _is_same(known, found):
                self.memory.keep([key], known)
                return known
        self.memory.keep(keys, found)
        return found

    def values(self, found: Result) -> tuple[Any, ...] | None:
        """Return the values of a result, read from disk if necessary; None when they are gone."""
        values = found.values
        if values is not None or not found.on_disk or self.disk is None:
            return values
        values = self.disk.load(found)
        if values is None:
            found.on_disk = False
        else:
            self.memory.give_back(found, values)
        return values

    def keep(self, keys: Sequence[Key], found: Result, *, node_type: str, stream_item: bool = False) -> None:
        """Store a result under all of its keys; a known result gets further keys.

        Of a stream item, memory keeps the values only if they were expensive for their size.
        """
        if self.disk is not None and self.disk.keep(keys, found, node_type):
            self._write_calls(self.disk)  # so that a later process can explain what changed
        self.memory.keep(keys, found, only_if_expensive=stream_item)

    def keep_warnings(self, key: Key, warned: NodeWarnings, *, node_type: str) -> None:
        """Store the warnings of a node, for runs that do not read its result, and for whole streams.

        They have a record of their own beside the result with the same key. So one lookup in a table is enough to know
        that a node has no warnings.
        """
        key = WARNED + key
        with self._lock:
            self._warned.pop(key, None)
            self._warned[key] = None
            if len(self._warned) > _MOST_WARNED:
                del self._warned[next(iter(self._warned))]
        known = self.find(key)
        if not isinstance(known, Result) or known.warned != warned:
            self.keep([key], Result((), warned=warned), node_type=node_type)

    def warnings(self, nodes: Iterable[tuple[str, Key]]) -> list[tuple[str, NodeWarnings]]:
        """Return the stored warnings of some nodes, by their keys."""
        with self._lock:
            known = {*self._warned, *(self.disk.warned if self.disk is not None else ())}
        if not known:
            return []
        found = [(node, self.find(WARNED + key)) for node, key in nodes if WARNED + key in known]
        return [(node, record.warned) for node, record in found if isinstance(record, Result)]

    def keep_requested(self, keys: Sequence[Key], requested: RequestedInputs) -> None:
        """Store that a call requested some lazy inputs."""
        self.memory.keep_requested(keys, requested)
        if self.disk is not None:
            self.disk.keep_requested(keys, requested)

    def expect(self, keys: Collection[Key]) -> None:
        """Evict the results that queued runs will need last. To be called whenever the queue changes."""
        self.memory.expect(keys)

    def refresh(self) -> None:
        """Prepare for a run: learn what other processes stored, and which calls earlier runs made."""
        if self._history is not None:
            self._history.begin()
        if self.disk is not None:
            self._write_calls(self.disk)
            self.disk.refresh()

    def flush(self) -> None:
        """Wait until everything is written."""
        if self.disk is not None:
            self._write_calls(self.disk)
            self.disk.flush()

    def close(self) -> None:
        """Write what is pending, and close the files. Closing twice is allowed."""
        if self.disk is not None:
            self._write_calls(self.disk)
            self.disk.close()

    def clear(self) -> None:
        """Clear all tiers."""
        self.memory.clear()
        if self.disk is not None:
            self.disk.clear()
        with self._lock:
            self._warned.clear()
            self._history = History()

    def statistics(self) -> Statistics:
        """Return what the cache holds."""
        memory = self.memory
        disk = self.disk.statistics() if self.disk else None
        return Statistics(len(memory), memory.value_count, memory.nbytes, memory.max_bytes, disk)

    def _write_calls(self, disk: DiskCache) -> None:
        if self._history is not None:
            last = self._history.take_unsaved()[-MOST_CALLS:]  # the disk tier keeps no more
            disk.keep_calls([call_to_json(call) for call in last])


def _is_same(one: Result, other: Result) -> bool:
    return one.fingerprints == other.fingerprints and one.artifacts == other.artifacts and one.warned == other.warned
