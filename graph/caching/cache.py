"""What an engine remembers, in two tiers: memory, and the disk behind it."""

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
    """What a cache holds now."""

    keys: int
    """Keys in memory."""
    values: int
    """Results with values in memory that could be let go."""
    nbytes: int
    max_bytes: int
    disk: DiskStatistics | None = None

    def as_json(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


_MOST_WARNED = 50_000


class Cache:
    """What an engine remembers: the memory tier, before the disk tier if there is one. Safe from any thread."""

    def __init__(self, memory: MemoryCache, disk: DiskCache | None = None) -> None:
        self.memory = memory
        self.disk = disk
        self.fingerprinter = Fingerprinter(memory.codecs)
        self._history: History | None = None
        self._warned: dict[Key, None] = {}
        """Under which warnings were kept here, the last ones."""
        self._lock = threading.Lock()

    @property
    def history(self) -> History:
        """The calls that are remembered; those of before a restart are read when it is first asked for."""
        with self._lock:
            if self._history is None:
                self._history = History(calls_from_json(self.disk.calls()) if self.disk else ())
            return self._history

    def find(self, key: Key) -> Result | RequestedInputs | None:
        """What is remembered under a key. A result may come without its values: ask for them with `values`."""
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
        for other in keys:  # it may be at hand already, under a key that it was not asked for here
            known = self.memory.find(other)
            if isinstance(known, Result) and _is_same(known, found):
                self.memory.keep([key], known)
                return known
        self.memory.keep(keys, found)
        return found

    def values(self, found: Result) -> tuple[Any, ...] | None:
        """The values of a result, read from the disk if need be; None when they are gone."""
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
        """Remember a result under all of its keys; again with more keys, if it is found to answer for them, too.

        Of an item of a stream only the marks stay in memory, unless its values were dear for their bytes.
        """
        if self.disk is not None and self.disk.keep(keys, found, node_type):
            self._write_calls(self.disk)  # so that after a restart it can be told what differs from this
        self.memory.keep(keys, found, only_if_expensive=stream_item)

    def keep_warnings(self, key: Key, warned: NodeWarnings, *, node_type: str) -> None:
        """Remember what a node warned of, for runs that do not look at it: for a whole stream, too.

        It has a record of its own, beside the result with the same key. So it costs one look into a table to know that
        a node has none.
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
        """What nodes warned of when what is remembered under their keys was made."""
        with self._lock:
            known = {*self._warned, *(self.disk.warned if self.disk is not None else ())}
        if not known:
            return []
        found = [(node, self.find(WARNED + key)) for node, key in nodes if WARNED + key in known]
        return [(node, record.warned) for node, record in found if isinstance(record, Result)]

    def keep_requested(self, keys: Sequence[Key], requested: RequestedInputs) -> None:
        """Remember that a call got as far as asking for some lazy inputs."""
        self.memory.keep_requested(keys, requested)
        if self.disk is not None:
            self.disk.keep_requested(keys, requested)

    def expect(self, keys: Collection[Key]) -> None:
        """What queued runs will need goes last; tell it whenever the queue changes."""
        self.memory.expect(keys)

    def refresh(self) -> None:
        """A run begins: see what other processes have stored meanwhile, and what earlier runs have called."""
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
        """Write what is waiting, and let go of files. Closing twice is fine."""
        if self.disk is not None:
            self._write_calls(self.disk)
            self.disk.close()

    def clear(self) -> None:
        """Forget everything, in every tier."""
        self.memory.clear()
        if self.disk is not None:
            self.disk.clear()
        with self._lock:
            self._warned.clear()
            self._history = History()

    def statistics(self) -> Statistics:
        """What is held now."""
        memory = self.memory
        disk = self.disk.statistics() if self.disk else None
        return Statistics(len(memory), memory.value_count, memory.nbytes, memory.max_bytes, disk)

    def _write_calls(self, disk: DiskCache) -> None:
        if self._history is not None:
            last = self._history.take_unsaved()[-MOST_CALLS:]  # of a run of ten thousand nodes, no more is kept
            disk.keep_calls([call_to_json(call) for call in last])


def _is_same(one: Result, other: Result) -> bool:
    return one.fingerprints == other.fingerprints and one.artifacts == other.artifacts and one.warned == other.warned
