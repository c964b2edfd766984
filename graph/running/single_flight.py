"""Equal work is done once: across the runs of an engine, and the items of a stream.

The first call to take the lead of a key does the work. Calls that wait for it get its result when it publishes one;
or None, and then each has to see for itself.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable

from graph.planning.tasks import CallTask
from graph.results.result import Key, Result

Published = Callable[[Result | None], None]


class SingleFlight:
    """The keys of the calls at work. Safe from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: dict[Key, list[Published]] = {}

    def try_lead(self, key: Key) -> bool:
        """Whether the caller leads; if not, it may `wait`."""
        mine: list[Published] = []
        return self._waiting.setdefault(key, mine) is mine

    def wait(self, key: Key, published: Published) -> bool:
        """Have `published` called when the leader publishes; False when it already has."""
        with self._lock:
            waiting = self._waiting.get(key)
            if waiting is None:
                return False
            waiting.append(published)
            return True

    def publish(self, keys: Iterable[Key], result: Result | None) -> None:
        """The leader of some keys has its result, or will never have one."""
        waiting: list[Published] = []
        with self._lock:
            for key in keys:
                waiting += self._waiting.pop(key, ())
        for published in waiting:
            published(result)


class Leads:
    """The keys that the calls of one run lead."""

    def __init__(self, single_flight: SingleFlight) -> None:
        self.single_flight = single_flight
        self._keys: set[Key] = set()

    def lead(self, task: CallTask, key: Key) -> bool:
        """Whether a call is to do the work of a key. If not, an equal one is at it."""
        if key in task.leads:
            return True
        if not self.single_flight.try_lead(key):
            return False
        task.leads += (key,)
        self._keys.add(key)
        return True

    def publish(self, task: CallTask, result: Result | None) -> None:
        """A call that led has its result, or will not have one of its own for now."""
        keys = task.leads
        if not keys:
            return
        task.leads = ()
        if result is not None and result.values is None and not result.on_disk:
            # The cache had no room for the values; those that waited for them get them all the same.
            result = Result(task.values, result.fingerprints, result.artifacts, result.seconds, warned=result.warned)
        self._keys.difference_update(keys)
        self.single_flight.publish(keys, result)

    def give_up(self) -> None:
        """The run is over: what it still leads will have no result."""
        keys = tuple(self._keys)  # after Ctrl+C a thread may still be at work, and lead more
        self.single_flight.publish(keys, None)
