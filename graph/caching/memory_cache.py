"""The memory tier: results and lazy requests by key, in a bounded number of bytes. Safe from any thread.

The memory of a result has two parts. The *record* (fingerprints, artifacts, seconds, tiny values) is small and answers
most lookups. *Values* are evicted first and leave their record behind, with `values` None.

- Values are evicted by score (`graph.results.storage_policy`); those that queued runs expect are evicted last.
- Records are dropped when they take more than an eighth of the budget: first the keys that were not used since their
  last turn (the CLOCK algorithm). With its last key a result is dropped completely.
- Memory that several values share counts once, and is freed with the last of them.
- A value larger than the whole budget is never stored, and evicts nothing.
"""

from __future__ import annotations

import heapq
import threading
from collections import Counter, deque
from collections.abc import Collection, Sequence
from typing import Any

from graph.results.arrays import ArrayCodec
from graph.results.result import Key, RequestedInputs, Result
from graph.results.sizes import Pieces, measure, small_size
from graph.results.storage_policy import RECORD_BYTES, RECORD_SHARE, age_after, eviction_score, should_store_values

KEY_BYTES = 200
"""The memory of a key: the bytes object and its entries in two tables."""
_ARTIFACT_BYTES = 300


class _Entry:
    __slots__ = ("age", "expected", "found", "hits", "keys", "own", "pieces", "size", "ticket", "used")

    def __init__(self, found: Result | RequestedInputs, own: int) -> None:
        self.found = found
        self.own = own
        """Bytes of the record."""
        self.keys = 0
        self.used = False
        self.expected = False
        self.hits = 1
        self.age = 0.0
        self.size = 0
        """Bytes of the values, if they can be evicted apart from the record."""
        self.pieces: Pieces | None = None
        self.ticket = 0
        """The number of its only valid place in a heap."""


_Place = tuple[float, int, _Entry]


class MemoryCache:
    """Results in memory, at most `max_bytes` of them."""

    def __init__(self, max_bytes: int, codecs: Sequence[ArrayCodec] = ()) -> None:
        self.max_bytes = max_bytes
        self.codecs = tuple(codecs)
        self._lock = threading.Lock()
        self._expected: frozenset[Key] = frozenset()
        self._start()

    def _start(self) -> None:
        self._entries: dict[Key, _Entry] = {}
        self._of_result: dict[int, _Entry] = {}
        self._clock: deque[Key] = deque()
        self._heap: list[_Place] = []
        self._last: list[_Place] = []
        """Values that queued runs expect."""
        self._pieces: dict[Any, list[int]] = {}
        """Identity -> the number of entries that hold it, and its bytes."""
        self._value_bytes = 0
        self._record_bytes = 0
        self._with_values = 0
        self._age = 0.0
        self._tickets = 0

    @property
    def nbytes(self) -> int:
        """The bytes held now; never more than `max_bytes`."""
        with self._lock:
            return self._value_bytes + self._record_bytes

    @property
    def value_count(self) -> int:
        """How many results have values that can be evicted."""
        return self._with_values

    def __len__(self) -> int:
        """How many keys are known."""
        return len(self._entries)

    @property
    def queue_length(self) -> int:
        """The places in the eviction order, with those that are no longer valid."""
        return len(self._heap) + len(self._last)

    def miscounts(self) -> list[str]:
        """Count everything anew and return what the running counts have wrong, which is nothing."""
        with self._lock:
            entries = {id(entry): entry for entry in self._entries.values()}
            keys = Counter(map(id, self._entries.values()))
            pieces: dict[Any, int] = {}
            for entry in entries.values():
                pieces.update(entry.pieces or {})
            agrees = {
                "results": len(self._of_result) == len(entries),
                "keys": all(entry.keys == keys[number] for number, entry in entries.items()),
                "bytes": self._value_bytes == sum(pieces.values()),
                "pieces": self._pieces.keys() == pieces.keys(),
            }
            return [what for what, is_right in agrees.items() if not is_right]

    def find(self, key: Key) -> Result | RequestedInputs | None:
        """Return what is stored under a key."""
        with self._lock:
            entry = self._entries.get(key)
            if entry is None:
                return None
            entry.used = True
            if entry.pieces is not None:
                entry.hits += 1
                entry.age = self._age
            return entry.found

    def keep(self, keys: Sequence[Key], result: Result, *, only_if_expensive: bool = False) -> None:
        """Store a result under some keys, and evict what exceeds the budget.

        A known result gets further keys. With `only_if_expensive`, only the record of a cheap result is kept. A result
        without a key is not stored: nothing could ever evict it.
        """
        if not keys:
            return
        values = result.values
        small = 0 if values is None else small_size(values)
        own, pieces = (small, None) if small is not None else measure(values, self.codecs)
        with self._lock:
            entry = self._of_result.get(id(result))
            if entry is None:
                own_bytes = RECORD_BYTES + _ARTIFACT_BYTES * len(result.artifacts) + (0 if small is None else small)
                entry = self._add(result, own_bytes)
            for key in keys:
                self._point(key, entry)
            if pieces is not None and entry.pieces is None:
                self._take_values(entry, result, own, pieces, only_if_expensive=only_if_expensive)
            self._make_room()

    def give_back(self, result: Result, values: tuple[Any, ...]) -> None:
        """Give a stored result its values again; does nothing when it is no longer stored."""
        own, pieces = measure(values, self.codecs)
        with self._lock:
            entry = self._of_result.get(id(result))
            if entry is None or entry.found is not result or result.values is not None:
                return
            result.values = values
            self._take_values(entry, result, own, pieces, only_if_expensive=False)
            self._make_room()

    def keep_requested(self, keys: Sequence[Key], requested: RequestedInputs) -> None:
        """Store requested lazy inputs under some keys, if there are any."""
        if not keys:
            return
        with self._lock:
            entry = self._of_result.get(id(requested)) or self._add(requested, RECORD_BYTES)
            for key in keys:
                self._point(key, entry)
            self._make_room()

    def forget(self, key: Key) -> None:
        """Drop one key."""
        with self._lock:
            entry = self._entries.get(key)
            if entry is not None:
                self._drop_key(key, entry)

    def expect(self, keys: Collection[Key]) -> None:
        """Evict the results of these keys last from now on, instead of those of the previous call."""
        with self._lock:
            before, self._expected = self._expected, frozenset(keys)
            known = {key: entry for key in before | self._expected if (entry := self._entries.get(key)) is not None}
            wanted = {id(entry) for key, entry in known.items() if key in self._expected}
            for entry in known.values():
                if entry.expected != (id(entry) in wanted):
                    entry.expected = not entry.expected
                    if entry.pieces is not None:
                        self._push(entry)

    def clear(self) -> None:
        """Drop everything; results in use elsewhere keep their values."""
        with self._lock:
            self._start()

    def _add(self, found: Result | RequestedInputs, own: int) -> _Entry:
        entry = _Entry(found, own)
        self._of_result[id(found)] = entry
        self._record_bytes += own
        return entry

    def _point(self, key: Key, entry: _Entry) -> None:
        known = self._entries.get(key)
        if known is entry:
            return
        if known is None:
            self._clock.append(key)
            self._record_bytes += KEY_BYTES
        self._entries[key] = entry
        entry.keys += 1
        if key in self._expected:
            entry.expected = True
        if known is not None:
            self._lose_key(known)

    def _take_values(self, entry: _Entry, result: Result, own: int, pieces: Pieces, *, only_if_expensive: bool) -> None:
        size = own + sum(pieces.values())
        if size + entry.own > self.max_bytes or (only_if_expensive and not should_store_values(result.seconds, size)):
            result.values = None
            return
        pieces = {**pieces, (id(entry),): own}
        for identity, nbytes in pieces.items():
            held = self._pieces.get(identity)
            if held is None:
                self._pieces[identity] = [1, nbytes]
                self._value_bytes += nbytes
            else:
                held[0] += 1
        entry.pieces = pieces
        entry.size = size
        entry.age = self._age
        self._with_values += 1
        self._push(entry)

    def _push(self, entry: _Entry) -> None:
        self._tickets += 1
        entry.ticket = self._tickets
        heap = self._last if entry.expected else self._heap
        if len(heap) > 2 * self._with_values + 100:  # mostly invalid places
            heap[:] = [place for place in heap if place[1] == place[2].ticket and place[2].pieces is not None]
            heapq.heapify(heap)
        heapq.heappush(heap, (_score(entry), entry.ticket, entry))

    def _make_room(self) -> None:
        while self._record_bytes * RECORD_SHARE > self.max_bytes and self._clock:
            key = self._clock.popleft()
            entry = self._entries.get(key)
            if entry is None:
                continue
            if entry.used:
                entry.used = False
                self._clock.append(key)
            else:
                self._drop_key(key, entry)
        while self._value_bytes + self._record_bytes > self.max_bytes:
            cheapest = self._pop(self._heap) or self._pop(self._last)
            if cheapest is None:
                break
            self._age = age_after(self._age, _score(cheapest))
            self._let_values_go(cheapest)

    def _pop(self, heap: list[_Place]) -> _Entry | None:
        while heap:
            score, ticket, entry = heapq.heappop(heap)
            if ticket != entry.ticket or entry.pieces is None:
                continue
            if _score(entry) > score:  # used since: scores only ever grow, so one look at each entry is enough
                self._push(entry)
                continue
            return entry
        return None

    def _let_values_go(self, entry: _Entry) -> None:
        for identity in entry.pieces or ():
            held = self._pieces[identity]
            held[0] -= 1
            if not held[0]:
                del self._pieces[identity]
                self._value_bytes -= held[1]
        entry.pieces = None
        self._with_values -= 1
        if isinstance(entry.found, Result):
            entry.found.values = None

    def _drop_key(self, key: Key, entry: _Entry) -> None:
        del self._entries[key]
        self._record_bytes -= KEY_BYTES
        self._lose_key(entry)

    def _lose_key(self, entry: _Entry) -> None:
        entry.keys -= 1
        if entry.keys:
            return
        if entry.pieces is not None:
            self._let_values_go(entry)
        del self._of_result[id(entry.found)]
        self._record_bytes -= entry.own


def _score(entry: _Entry) -> float:
    seconds = entry.found.seconds if isinstance(entry.found, Result) else 0.0
    return eviction_score(entry.age, entry.hits, seconds, entry.size)
