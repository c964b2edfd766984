"""Streams at work: items are asked for when there is room, and each runs through its group of nodes.

At most `WINDOW` items are under way at once, so a stream of any length needs the memory of a few items. An item is done
when nothing of it is under way any more; its values are let go then, but for those that somebody collects. Items are
collected in their order, whichever is done first.

An item that fails ends the stream: those under way are finished, no further one begins, and what collects it is
skipped. A stream that keeps going leaves the failed item out, below the node where it failed; what is collected then is
not remembered by recipe. What fails outside of an item, or is the source itself, ends also a stream that keeps going.
A source that is blocked blocks what collects its items. Sources are closed at the end, whatever end that is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from graph.base.errors import NodeError
from graph.building.calls import Call
from graph.building.stream_groups import StreamGroup
from graph.caching.keys import FreshKey, deep_key, fresh_key, item_key
from graph.node_types.digests import encode
from graph.node_types.flow import BLOCK, MOST_ITEMS, Item, Items
from graph.node_types.sockets import describe_value
from graph.planning.tasks import CallTask, Extra, Frame, Stream
from graph.results.result import Fingerprint, Key, Result
from graph.running.call_checks import MEND, outputs
from graph.running.crew import Crew
from graph.scheduling.lanes import State

WINDOW = 8
_END = object()


class StreamRunner:
    """Makes the items of streams."""

    def __init__(self, crew: Crew) -> None:
        self.crew = crew
        self._open_streams: set[Stream] = set()

    def step(self, stream: Stream) -> None:
        """Have as many items under way as there is room for; the end of a stream's turn on its lane."""
        crew = self.crew
        while True:
            try:
                self._fill(stream)
            except BaseException as error:  # noqa: BLE001 - whatever a source raises is that node's failure
                self._break(stream, error)
            if crew.schedule.ending:
                crew.schedule.leave()
                return
            with crew.schedule.lock:
                if stream.frames and (stream.over or len(stream.frames) >= WINDOW):
                    stream.parked = True
                    stream.state = State.WAITING
                    crew.schedule.leave()
                    return
            if stream.over:
                break  # else items got through in the meantime, and there is room again
        self._end(stream)

    def _fill(self, stream: Stream) -> None:
        if not stream.iterators:
            self._open(stream)
        while not stream.over and len(stream.frames) < WINDOW and not self.crew.schedule.ending:
            item = self._next(stream)
            if item is _END:
                stream.over = True
            else:
                self._let_fly(stream, item)

    def item_done(self, frame: Frame) -> None:
        """Nothing of an item is under way any more. Called with the lock of the schedule held."""
        stream = frame.stream
        assert stream is not None  # noqa: S101 - only items are told about here
        if frame.broken and (frame.depth < len(frame.path) or not stream.keep_going):
            stream.over, stream.broken = True, stream.broken or frame.broken
            stream.depth = min(stream.depth, frame.depth)
        elif not self._collect(stream, frame):
            return  # a value was lost and is made again
        frame.dissolve()
        del stream.frames[frame.path[-1]]
        if stream.parked and (not stream.frames or not stream.over):
            stream.parked = False
            self.crew.schedule.resume(stream)

    def close(self) -> None:
        """The run is over: streams that did not come to their end let go of what they have open."""
        for stream in list(self._open_streams):
            for _ in self._closed(stream):
                pass  # nobody is left who could be told of what a source raises now

    def _open(self, stream: Stream) -> None:
        self._open_streams.add(stream)
        if any(cell.unkeyed for cell in stream.sources):
            stream.unkeyed = self.crew.any_unkeyed = True
        for cell in stream.sources:
            values = self.crew.values_of(cell)
            returned = values[0] if values else ()
            if returned is BLOCK:
                stream.blocked = stream.over = True
                return
            items = returned if isinstance(returned, Items) else Items(returned)
            if isinstance(items.items, str | bytes) or not isinstance(items.items, Iterable):
                message = f"the node returned {describe_value(items.items)} instead of a stream of items"
                raise _SourceError(cell, NodeError(message, remedy=MEND))
            stream.iterators.append(iter(items.items))
            stream.keep_going = stream.keep_going or items.keep_going
            if items.total is not None:
                stream.total = items.total if stream.total is None else min(stream.total, items.total)
            cell.let_go()

    def _next(self, stream: Stream) -> Any:
        """The next item of every source, or `_END`. Raises `_SourceError` for more than somebody may collect."""
        found = []
        for cell, iterator in zip(stream.sources, stream.iterators, strict=True):
            try:
                found.append(next(iterator, _END))
            except BaseException as error:
                raise _SourceError(cell, error) from error
        missing = [item is _END for item in found]
        if all(missing):
            return _END
        if stream.index == MOST_ITEMS and stream.collected:
            message = f"there are more than {MOST_ITEMS:,} items, and a later node collects them in one list"
            remedy = "give fewer items, or connect what collects them to something else"
            raise _SourceError(stream.sources[0], NodeError(message, remedy=remedy))
        if any(missing):
            longer, shorter = stream.sources[missing.index(False)], stream.sources[missing.index(True)]
            message = (
                f"the streams of nodes {longer.id} and {shorter.id} meet and are paired item by item, "
                f"but {shorter.id} has only {stream.index} items"
            )
            raise _SourceError(longer, NodeError(message, remedy="give both streams the same number of items"))
        return found

    def _let_fly(self, stream: Stream, items: list[Any]) -> None:
        crew, group, outer = self.crew, stream.group, stream.frame
        frame = Frame(outer.region, {}, (*outer.path, stream.index), stream)
        stream.index += 1
        for source, item in zip(stream.sources, items, strict=True):
            frame.cells[source.id] = self._item_cell(source, item, frame, stream)
        at_hand = {cell.id for cell in frame.cells.values() if cell.state is State.DONE}
        frame.keys = self._keys(frame, group)
        targets = group.targets if stream.effects else ()
        members = dict.fromkeys([*targets, *(node for node, _ in stream.collected)])
        with crew.schedule.lock:
            stream.frames[frame.path[-1]] = frame
            frame.open = 1  # until everything is laid out
            demand = crew.planner.lay_out(frame, members)
            inner = [crew.planner.stream(frame, each) for each in group.inside if stream.effects and each.has_targets]
            also = crew.planner.demand(inner)
            remembered = [cell for cell in dict.fromkeys(frame.cells.values()) if cell.state is State.DONE]
            crew.begin(demand)  # before the lock is let go: what comes from outside of the item may be done any moment
            crew.begin(also)
        if not outer.path:
            crew.account.expect_items(group.members, max(stream.total or 0, stream.index))
        for cell in remembered:
            if cell.id in at_hand:
                crew.account.finished(cell, 0.0, ())
            else:
                crew.account.remembered(cell)
        with crew.schedule.lock:
            frame.open -= 1
            if frame.open == 0:
                self.item_done(frame)

    def _item_cell(self, source: CallTask, item: Any, frame: Frame, stream: Stream) -> CallTask:
        """An item as the value of its source there: at hand, or to be made when somebody needs it."""
        call = Call(source.id, source.call.type)
        cell = CallTask(source.id, call, frame, fresh_key())
        if isinstance(item, Item):
            cell.key = self._key_of(source, encode(item.key)) if source.call.type.cache else cell.key
            cell.extra = Extra(make=item.make)
            return cell
        try:
            values = outputs(source.call.type, item)
        except NodeError as error:
            raise _SourceError(source, error) from None
        fingerprints = tuple(self.crew.fingerprint_of(value) for value in values)
        if all(fingerprint is not None for fingerprint in fingerprints):
            cell.key = self._key_of(source, b"".join(fingerprint for fingerprint in fingerprints if fingerprint))
        elif type(source.key) is not FreshKey and not source.unkeyed:
            cell.key = self._key_of(source, source.key + b"%d" % (stream.index - 1))
        cell.result = Result(values, fingerprints)
        cell.values = values
        cell.state = State.DONE
        cell.refs = 1  # the frame's own: it is at hand only once
        return cell

    def _key_of(self, source: CallTask, identity: bytes) -> Key:
        return item_key(source.call, identity)

    def _keys(self, frame: Frame, group: StreamGroup) -> dict[str, Key]:
        """The deep keys of everything that runs for an item, and of what is collected inside of it."""
        keys: dict[str, Key] = {node: cell.key for node, cell in frame.cells.items()}
        frame.keys = keys
        calls = frame.region.graph.calls
        for node_id in group.order:
            if node_id not in keys:
                keys[node_id] = deep_key(calls[node_id], frame.key_of, self.crew.files)
        return keys

    def _collect(self, stream: Stream, frame: Frame) -> bool:
        """Keep of an item what somebody collects; False when a value was lost and is being made again."""
        crew = self.crew
        lost: list[CallTask] = []
        found: dict[tuple[str, int], tuple[int, Any, Fingerprint | None]] = {}
        for node, output in stream.collected:
            cell = frame.cells[node]
            if cell.state is State.STOPPED:
                stream.unkeyed = crew.any_unkeyed = True  # another time it may not fail
                continue
            if cell.unkeyed:
                stream.unkeyed = crew.any_unkeyed = True
            values = crew.values_of(cell)
            if values is None:
                lost.append(cell)
            elif values[output] is not BLOCK:
                fingerprint = cell.result.fingerprints[output] if cell.result else None
                found[node, output] = (frame.path[-1], values[output], fingerprint)
        if lost:
            for cell in lost:
                crew.planner.take_up_again(cell)
            crew.begin(crew.planner.demand(lost))
            return False
        for place, item in found.items():
            stream.collected[place].append(item)
        return True

    def _break(self, stream: Stream, error: BaseException) -> None:
        """A source failed, or gave something that is no item."""
        cell = error.cell if isinstance(error, _SourceError) else stream.sources[0]
        cause = error.cause if isinstance(error, _SourceError) else error
        stream.over, stream.broken = True, cell.id
        self.crew.report(cell, cause)

    def _end(self, stream: Stream) -> None:
        for cell, error in self._closed(stream):
            if not stream.broken:
                self._break(stream, _SourceError(cell, error))
        for items in stream.collected.values():
            items.sort(key=lambda item: item[0])
        if not stream.frame.path:
            self.crew.account.stream_ended(stream.group.order, stream.broken or stream.sources[0].id)
        if stream.broken:
            self.crew.stop(stream, stream.broken, stream.depth)
        else:
            self.crew.done(stream)

    def _closed(self, stream: Stream) -> Iterator[tuple[CallTask, BaseException]]:
        """Close the sources of a stream; gives what they raise."""
        self._open_streams.discard(stream)
        for cell, iterator in zip(stream.sources, stream.iterators, strict=False):
            try:
                close: Callable[[], None] = getattr(iterator, "close", lambda: None)
                close()
            except BaseException as error:  # noqa: BLE001 - whatever a source raises is that node's failure
                yield cell, error


class _SourceError(Exception):
    """A source failed; says which."""

    def __init__(self, cell: CallTask, cause: BaseException) -> None:
        super().__init__(cell.id)
        self.cell = cell
        self.cause = cause
