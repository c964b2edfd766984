"""A small thread pool for reading pictures: however long an untrusted picture takes, nothing else waits for it.

Submissions, documents and files use the shared threads of asyncio.
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
    """Works on a few pictures at a time; further ones wait."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="jacquard-pictures")

    async def do(self, work: Callable[[], T]) -> T:
        """Runs `work` in a thread and returns its result."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    def close(self) -> None:
        """Drops waiting work; does not wait for running work."""
        self._threads.shutdown(wait=False, cancel_futures=True)
