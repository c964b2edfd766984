"""Packs that were left out, in whole or in part, and packs that changed the program, are in the log with the place."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from server.workers.pack_log import log_broken

GOOD = {"name": "good", "error": "", "refused": [], "changed": []}
CASES: list[tuple[dict[str, Any], str]] = [
    ({"name": "a", "error": "no device", "file": "a.py", "line": 3}, "pack a was left out: a.py:3: no device"),
    ({"name": "a", "error": "no device", "file": "a.py"}, "pack a was left out: a.py: no device"),
    ({"name": "a", "error": "no device"}, "pack a was left out: no device"),
    ({"name": "a", "error": "x" * 1_000}, f"pack a was left out: {'x' * 500}"),
    ({"name": "a", "refused": ["Blur has no help"]}, "pack a: Blur has no help; this node was left out"),
    (
        {"name": "a", "changed": ["os.stat", "print"]},
        "pack a changed the program around it, which was put back: os.stat, print",
    ),
]


@pytest.mark.parametrize(("pack", "line"), CASES)
def test_each_fault_of_a_pack_is_one_line(caplog: pytest.LogCaptureFixture, pack: dict[str, Any], line: str) -> None:
    with caplog.at_level(logging.WARNING):
        log_broken([GOOD, pack])
    assert [record.getMessage() for record in caplog.records] == [line]


def test_a_pack_without_fault_is_not_mentioned(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        log_broken([GOOD, {"name": "plain"}])
    assert caplog.records == []
