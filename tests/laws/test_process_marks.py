"""A test that starts a process without the mark `process` or `browser` fails, and starts none.

`make check` is quick because it leaves those tests out.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable

import pytest

from tests.support.process_guard import ProcessGuard, ProcessStarted

COMMAND = [sys.executable, "-c", "raise SystemExit(9)"]


async def _in_a_loop() -> None:
    await asyncio.create_subprocess_exec(*COMMAND)


WAYS: dict[str, Callable[[], object]] = {
    "subprocess": lambda: subprocess.run(COMMAND, check=False),
    "asyncio": lambda: asyncio.run(_in_a_loop()),
    "a shell": lambda: os.system("exit 9"),  # noqa: S605, S607 - it is not run
    "a fork": lambda: os.fork() or os._exit(9),
}


@pytest.mark.parametrize("way", WAYS)
def test_without_the_mark_no_process_is_started_and_the_way_is_noted(process_guard: ProcessGuard, way: str) -> None:
    with pytest.raises(ProcessStarted, match="mark the test"):
        WAYS[way]()
    assert len(process_guard.refused) == 1
    process_guard.refused.clear()  # this test itself is not to fail


@pytest.mark.process
def test_with_the_mark_it_is_started(process_guard: ProcessGuard) -> None:
    assert subprocess.run(COMMAND, check=False).returncode == 9
    assert process_guard.refused == []


def test_a_fixture_that_starts_a_server_or_a_browser_sets_the_mark(request: pytest.FixtureRequest) -> None:
    items = {item.nodeid: item for item in request.session.items}
    wrong = [
        name
        for name, item in items.items()
        if {"browser", "server", "make_server"} & {*getattr(item, "fixturenames", ())}
        and not ({"process", "browser"} & {mark.name for mark in item.iter_markers()})
    ]
    assert wrong == []
