"""The crash note: a file in which the worker notes the node that it calls, for the case that the process dies.

Events are sent in batches, and the last batch is lost with the process. So each node is noted before it is called, in a
memory-mapped file: that takes microseconds, and the kernel keeps the file whatever happens to the process. The server
reads it, and knows for each active run which node was being called.
"""

from __future__ import annotations

import mmap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from graph.running import events
from server.workers.process import CRASH_NOTE_BYTES, CRASH_NOTE_SLOT


class CrashNote:
    """Notes for each run the node that was called last and has not returned."""

    def __init__(self, path: Path) -> None:
        path.write_bytes(bytes(CRASH_NOTE_BYTES))
        with path.open("r+b") as file:
            self._page = mmap.mmap(file.fileno(), CRASH_NOTE_BYTES)
        self._free = list(range(0, CRASH_NOTE_BYTES, CRASH_NOTE_SLOT))

    @contextmanager
    def notes(self, run: str) -> Iterator[Callable[[events.Event], None]]:
        """Yields a listener for the events of one active run. There is space for `MOST_JOBS` runs."""
        slot = self._free.pop()
        running: dict[str, None] = {}

        def listen(event: events.Event) -> None:
            match event:
                case events.NodeStarted(node=node):
                    running[node] = None
                case (
                    events.NodeFinished(node=node)
                    | events.NodeFailed(node=node)
                    | events.NodeCancelled(node=node)
                    | events.NodeSkipped(node=node)
                ):
                    running.pop(node, None)
                case _:
                    return
            self._write(slot, f"{run} {last}" if (last := next(reversed(running), "")) else "")

        try:
            yield listen
        finally:
            self._write(slot, "")
            self._free.append(slot)

    def _write(self, slot: int, text: str) -> None:
        note = text.encode("utf-8", "surrogatepass")[: CRASH_NOTE_SLOT - 1]
        self._page[slot : slot + len(note) + 1] = note + b"\0"
