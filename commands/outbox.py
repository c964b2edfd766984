"""Sends events and messages of the worker to the server: a thread gathers events into batches.

The engine's listener only appends. While a batch is written the next one gathers, and between batches there is a pause
of `PAUSE` seconds, so that ten thousand small nodes need about a hundred messages. Progress that a newer progress of
the same node replaces is left out, and so are all previews of a node except the newest; of the items that failed at a
node the first `TRACEBACKS` have a traceback. The events of one run stay in order; those of two active runs go into
separate batches.
"""

from __future__ import annotations

import contextlib
import logging
import os
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, BinaryIO

import msgspec

from graph.node_types import report_checks
from graph.running import events
from server.shapes.worker_messages import CatalogueReported, Done, EventsReported, FromWorker, PreviewMade
from server.workers import frames

PAUSE = 0.01
LARGEST_BATCH = 500
TRACEBACKS = 20
_EXIT_CANNOT_WRITE = 70
_IN_WORDS = (events.NodeFailed, events.ItemFailed, events.NodeWarned)
_WORDS = frozenset({"message", "expected", "got", "remedy", "traceback", "error", "details"})
_LOG = logging.getLogger("jacquard.worker")


class Outbox:
    """Writes frames from a thread. `listen` is an engine's listener; `send` is for other messages."""

    def __init__(self, pipe: BinaryIO, shorten: Callable[[str], str] = str) -> None:
        self._pipe = pipe
        self._shorten = shorten
        self._lock = threading.RLock()
        self._condition = threading.Condition(self._lock)
        self._written = threading.Condition(self._lock)
        self._queued_count = self._sent_count = 0
        self._pending: dict[str, _PendingEvents] = {}
        self._messages: list[FromWorker] = []
        self._failed_items: dict[str, Counter[str]] = {}
        self._thread = threading.Thread(target=self._run, name="jacquard-outbox", daemon=True)
        self._thread.start()

    def listen(self, event: events.Event) -> None:
        """Queues an event of a run."""
        with self._lock:  # not the condition, which costs something for each event
            pending = self._pending.get(event.run)
            if pending is None:
                pending = self._pending[event.run] = _PendingEvents()
                self._condition.notify()
            if isinstance(event, events.ItemFailed):
                failed = self._failed_items.setdefault(event.run, Counter())
                failed[event.node] += 1
                if failed[event.node] > TRACEBACKS:
                    event = replace(event, traceback="")
            pending.add(event)

    def send(self, message: FromWorker) -> None:
        """Queues a message, after all events so far."""
        with self._condition:
            if isinstance(message, Done):
                self._failed_items.pop(message.run, None)
            self._messages.append(message)
            self._queued_count += 1
            self._condition.notify()

    @contextlib.contextmanager
    def together(self) -> Iterator[None]:
        """Keeps back what is queued meanwhile, so that it is written at once."""
        with self._condition:
            yield

    def flush_messages(self) -> None:
        """Waits until all messages so far are written."""
        with self._written:
            queued = self._queued_count
            self._written.wait_for(lambda: self._sent_count >= queued)

    def _run(self) -> None:
        while True:
            with self._condition:
                self._condition.wait_for(lambda: self._pending or self._messages)
                # A message is written at once with the gathered events: it ends a run or begins the next.
                self._condition.wait_for(lambda: bool(self._messages), timeout=PAUSE)
                pending, self._pending = self._pending, {}
                messages, self._messages = self._messages, []
            try:
                for run, of_run in pending.items():
                    self._write_run(run, of_run)
                for message in messages:
                    self._pipe.write(frames.encode(self._strip_paths(message)))
                self._pipe.flush()
            except OSError:
                os._exit(0)  # the server is gone
            except BaseException:  # noqa: BLE001 - the server would wait for ever for a worker that cannot write
                traceback.print_exc()
                os._exit(_EXIT_CANNOT_WRITE)
            with self._written:
                self._sent_count += len(messages)
                self._written.notify_all()

    def _write_run(self, run: str, pending: _PendingEvents) -> None:
        items = [item for item in pending.events if item is not None]
        for start in range(0, len(items), LARGEST_BATCH):
            batch = [self._describe(at, event) for at, event in items[start : start + LARGEST_BATCH]]
            self._pipe.write(frames.encode(EventsReported(run=run), frames.to_json(batch)))
        for node, picture in pending.previews.items():
            media = report_checks.media_of(picture) or "image/jpeg"
            self._pipe.write(frames.encode(PreviewMade(run=run, node=node, media=media), picture))

    def _strip_paths(self, message: FromWorker) -> FromWorker:
        """Shortens paths in a message; in the catalogue only the reports of packs can have any."""
        match message:
            case Done():
                return msgspec.structs.replace(message, problems=without_paths(message.problems, self._shorten))
            case CatalogueReported():
                return msgspec.structs.replace(message, packs=without_paths(message.packs, self._shorten))
        return message

    def _describe(self, at: float, event: events.Event) -> dict[str, Any]:
        described = event.as_json()
        described["at"] = at
        if isinstance(event, events.NodeProgressed):
            described["value"], described["maximum"] = float(event.value), float(event.maximum)
            del described["preview"]
        elif isinstance(event, _IN_WORDS):
            described = without_paths(described, self._shorten)
        return described


def without_paths(data: Any, shorten: Callable[[str], str]) -> Any:
    """Returns data with paths of this machine shortened in its texts for people."""
    if isinstance(data, dict):
        return {
            name: shorten(value) if name in _WORDS and isinstance(value, str) else without_paths(value, shorten)
            for name, value in data.items()
        }
    return [without_paths(each, shorten) for each in data] if isinstance(data, list | tuple) else data


class _PendingEvents:
    """The events of one run since the last batch."""

    __slots__ = ("events", "previews", "progress")

    def __init__(self) -> None:
        self.events: list[tuple[float, events.Event] | None] = []
        self.progress: dict[str, int] = {}
        self.previews: dict[str, bytes] = {}

    def add(self, event: events.Event) -> None:
        if isinstance(event, events.NodeProgressed):
            older = self.progress.get(event.node)
            if older is not None:
                self.events[older] = None
            self.progress[event.node] = len(self.events)
            if event.preview is not None:
                self.previews[event.node] = event.preview
        self.events.append((time.time(), event))
