"""Threads of their own for pictures of strangers: however long one takes to read, nothing else waits for it.

The threads that everything else shares answer submissions, documents and files.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")

AT_ONCE = 2
"""Each may need the memory of a whole picture."""


class PictureThreads:
    """Works on a few pictures at once; what comes meanwhile waits its turn."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="jacquard-pictures")

    async def do(self, work: Callable[[], T]) -> T:
        """Have something done, and wait for it."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    def close(self) -> None:
        """Leave what waits undone; what is at work is let go."""
        self._threads.shutdown(wait=False, cancel_futures=True)
