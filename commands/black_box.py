"""The black box: which node is being called, kept where the sudden end of this process cannot take it.

Events are told in batches, and the last batch dies with the process. So each node is noted before it is called, in a
mapped file: a copy in memory, some microseconds, and the kernel keeps it whatever becomes of us. The server reads it.
"""

from __future__ import annotations

import mmap
from pathlib import Path

from graph import events
from server.worker_process import BLACK_BOX_BYTES


class BlackBox:
    """Notes the node that was called last and has not returned. `listen` is an engine's listener."""

    def __init__(self, path: Path) -> None:
        path.write_bytes(bytes(BLACK_BOX_BYTES))
        with path.open("r+b") as file:
            self._page = mmap.mmap(file.fileno(), BLACK_BOX_BYTES)
        self._running: dict[str, None] = {}

    def listen(self, event: events.Event) -> None:
        """Take an event of a run."""
        match event:
            case events.NodeStarted(node=node):
                self._running[node] = None
            case events.NodeFinished(node=node) | events.NodeFailed(node=node) | events.NodeCancelled(node=node):
                self._running.pop(node, None)
            case _:
                return
        last = next(reversed(self._running), "").encode("utf-8", "surrogatepass")[: BLACK_BOX_BYTES - 1]
        self._page[: len(last) + 1] = last + b"\0"
