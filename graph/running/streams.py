"""Streams: the items that sources give, each ready to run through its group of nodes, and what is collected of them.

At most `WINDOW` items are under way at once, so a stream of any length needs the memory of a few items. An item is done
when nothing of it is under way any more; its values are let go then, but for those that somebody collects. Items are
collected in their order, whichever is done first. The driver begins items and ends them.

An item that fails ends the stream: those under way are finished, no further one begins, and what collects it is
skipped. A stream that keeps going leaves the failed item out, below the node where it failed; what is collected then is
not remembered by recipe. What fails outside of an item, or is the source itself, ends also a stream that keeps going.
A source that is blocked blocks what collects its items. Sources are closed at the end, whatever end that is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Any

from graph.base.errors import NodeError
from graph.building.calls import Call
from graph.building.stream_groups import StreamGroup
from graph.caching.keys import FreshKey, deep_key, fresh_key, item_key
from graph.node_types.digests import encode
from graph.node_types.flow import BLOCK, MOST_ITEMS, Item, Items
from graph.node_types.sockets import describe_value
from graph.planning.lookup import Memory
from graph.planning.plan import Planner
from graph.planning.tasks import CallTask, Frame, Stream
from graph.results.result import Fingerprint, Key, Result
from graph.running.call_checks import MEND, outputs
from graph.running.failures import Failures
from graph.running.run_log import RunLog
from graph.scheduling.lanes import State

WINDOW = 8
_END = object()


class SourceError(Exception):
    """A source of a stream failed, or gave something that is no item; says which."""

    def __init__(self, task: CallTask, cause: BaseException) -> None:
        super().__init__(task.id)
        self.task = task
        self.cause = cause


class StreamRunner:
    """Makes the items of streams, and collects what they give."""

    def __init__(self, memory: Memory, planner: Planner, log: RunLog, failures: Failures) -> None:
        self._memory = memory
        self._planner = planner
        self._log = log
        self._failures = failures
        self._open_streams: set[Stream] = set()

    def next_item(self, stream: Stream) -> Frame | None:
        """The frame of a further item; None when there is no room for it, or it was the last. Raises `SourceError`."""
        if not stream.over and not stream.iterators:
            self._open(stream)
        if not self.has_room(stream):
            return None
        items = self._next(stream)
        if items is _END:
            stream.over = True
            return None
        return self._frame(stream, items)

    def has_room(self, stream: Stream) -> bool:
        """Whether a further item may begin."""
        return not stream.over and stream.under_way < WINDOW

    def collect(self, stream: Stream, frame: Frame) -> list[CallTask]:
        """Keep of an item that is done what somebody collects. Returns the calls whose values are to be made again."""
        lost: list[CallTask] = []
        found: dict[tuple[str, int], tuple[int, Any, Fingerprint | None]] = {}
        calls = self._planner.tasks[frame].calls
        for node, output in stream.collected:
            task = calls[node]
            if task.state is State.STOPPED:
                stream.unkeyed = True  # another time it may not fail
                continue
            if task.unkeyed:
                stream.unkeyed = True
            values = self._memory.values_of(task)
            if values is None:
                lost.append(task)
            elif values[output] is not BLOCK:
                fingerprint = task.result.fingerprints[output] if task.result else None
                found[node, output] = (frame.path[-1], values[output], fingerprint)
        if not lost:
            for place, item in found.items():
                stream.collected[place].append(item)
        return lost

    def break_off(self, stream: Stream, error: BaseException) -> None:
        """A source failed: no further item begins."""
        source, cause = (error.task, error.cause) if isinstance(error, SourceError) else (stream.sources[0], error)
        stream.over, stream.broken = True, source.id
        self._failures.report(source, cause)

    def end(self, stream: Stream) -> None:
        """No item is under way any more, and none will come: close the sources, and put what is collected in order."""
        for source, error in self._closed(stream):
            if not stream.broken:
                self.break_off(stream, SourceError(source, error))
        for items in stream.collected.values():
            items.sort(key=lambda item: item[0])
        if not stream.frame.path:
            self._log.stream_ended(stream.group.order, stream.broken or stream.sources[0].id)

    def close(self) -> None:
        """The run is over: streams that did not come to their end let go of what they have open."""
        for stream in list(self._open_streams):
            for _ in self._closed(stream):
                pass  # nothing can be reported any more
        for tasks in list(self._planner.tasks.values()):
            for stream in chain.from_iterable(list(tasks.streams.values())):
                for source in stream.sources:
                    source.readers = []  # one that never began and its sources would keep each other

    def _open(self, stream: Stream) -> None:
        self._open_streams.add(stream)
        if any(source.unkeyed for source in stream.sources):
            stream.unkeyed = True
        for source in stream.sources:
            values = self._memory.values_of(source)
            returned = values[0] if values else ()
            if returned is BLOCK:
                stream.blocked = stream.over = True
                return
            items = returned if isinstance(returned, Items) else Items(returned)
            if isinstance(items.items, str | bytes) or not isinstance(items.items, Iterable):
                message = f"the node returned {describe_value(items.items)} instead of a stream of items"
                raise SourceError(source, NodeError(message, remedy=MEND))
            stream.iterators.append(iter(items.items))
            stream.keep_going = stream.keep_going or items.keep_going
            if items.total is not None:
                stream.total = items.total if stream.total is None else min(stream.total, items.total)
            source.let_go()

    def _next(self, stream: Stream) -> Any:
        """The next item of every source, or `_END`. Raises `SourceError` for more than somebody may collect."""
        found = []
        for source, iterator in zip(stream.sources, stream.iterators, strict=True):
            try:
                found.append(next(iterator, _END))
            except BaseException as error:
                raise SourceError(source, error) from error
        missing = [item is _END for item in found]
        if all(missing):
            return _END
        if stream.index == MOST_ITEMS and stream.collected:
            message = f"there are more than {MOST_ITEMS:,} items, and a later node collects them in one list"
            remedy = "give fewer items, or connect what collects them to something else"
            raise SourceError(stream.sources[0], NodeError(message, remedy=remedy))
        if any(missing):
            longer, shorter = stream.sources[missing.index(False)], stream.sources[missing.index(True)]
            message = (
                f"the streams of nodes {longer.id} and {shorter.id} meet and are paired item by item, "
                f"but {shorter.id} has only {stream.index} items"
            )
            raise SourceError(longer, NodeError(message, remedy="give both streams the same number of items"))
        return found

    def _frame(self, stream: Stream, items: list[Any]) -> Frame:
        """An item as a frame: the calls of its sources, and the keys of everything that runs for it."""
        outer = stream.frame
        frame = Frame(outer.region, {}, (*outer.path, stream.index), stream)
        stream.index += 1
        calls = self._planner.tasks[frame].calls
        for source, item in zip(stream.sources, items, strict=True):
            calls[source.id] = self._item_call(source, item, frame, stream)
        frame.keys = self._keys(frame, stream.group)
        return frame

    def _item_call(self, source: CallTask, item: Any, frame: Frame, stream: Stream) -> CallTask:
        """An item as the value of its source there: at hand, or to be made when somebody needs it."""
        call = Call(source.id, source.call.type)
        task = CallTask(source.id, call, frame, fresh_key())
        if isinstance(item, Item):
            task.key = self._key_of(source, encode(item.key)) if source.call.type.cache else task.key
            task.make = item.make
            return task
        try:
            values = outputs(source.call.type, item)
        except NodeError as error:
            raise SourceError(source, error) from None
        fingerprints = tuple(self._memory.fingerprint_of(value) for value in values)
        if all(fingerprint is not None for fingerprint in fingerprints):
            task.key = self._key_of(source, b"".join(fingerprint for fingerprint in fingerprints if fingerprint))
        elif type(source.key) is not FreshKey and not source.unkeyed:
            task.key = self._key_of(source, source.key + b"%d" % (stream.index - 1))
        task.result = Result(values, fingerprints)
        task.values = values
        task.state = State.DONE
        task.refs = 1  # the frame's own: it is at hand only once
        return task

    def _key_of(self, source: CallTask, identity: bytes) -> Key:
        return item_key(source.call, identity)

    def _keys(self, frame: Frame, group: StreamGroup) -> dict[str, Key]:
        """The deep keys of everything that runs for an item, and of what is collected inside of it."""
        keys: dict[str, Key] = {node: call.key for node, call in self._planner.tasks[frame].calls.items()}
        frame.keys = keys
        calls = frame.region.graph.calls
        for node_id in group.order:
            if node_id not in keys:
                keys[node_id] = deep_key(calls[node_id], frame.key_of, self._memory.files)
        return keys

    def _closed(self, stream: Stream) -> Iterator[tuple[CallTask, BaseException]]:
        """Close the sources of a stream; gives what they raise."""
        self._open_streams.discard(stream)
        for source, iterator in zip(stream.sources, stream.iterators, strict=False):
            try:
                close: Callable[[], None] = getattr(iterator, "close", lambda: None)
                close()
            except BaseException as error:  # noqa: BLE001 - whatever a source raises is that node's failure
                yield source, error
