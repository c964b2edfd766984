"""Loading as progress of its node, which can be cancelled; what is strange about a file becomes a warning there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from graph.api import NodeContext
from nodes.cancelling import cancellable


@contextmanager
def watched(ctx: NodeContext) -> Iterator[dict[str, Any]]:
    """Gives the settings with which a loader tells how many bytes it has read, and learns whether to stop, and
    warns of what a person should know of the file."""

    def on_progress(done: int, total: int) -> None:
        if total:
            ctx.progress(done, total)

    with cancellable(ctx) as cancelled:
        yield {"on_progress": on_progress, "cancelled": cancelled, "on_notice": ctx.warn}
