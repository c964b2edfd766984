"""The command line, called as a person calls it, with folders of its own."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import main


@dataclass(frozen=True)
class Answer:
    """What a command left behind."""

    code: int
    out: str
    err: str
    data: Path

    @property
    def pictures(self) -> list[Path]:
        """Every file below output/ and temp/, half-written ones included."""
        return [item for folder in ("output", "temp") for item in (self.data / folder).rglob("*") if item.is_file()]

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Standard output read as lines of JSON."""
        return [json.loads(line) for line in self.out.splitlines()]


@pytest.fixture
def command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Answer]:
    """Call `main.py` with some arguments; its data folder is the test's own, and its folder of packs, which is empty.

    What is in `custom_nodes/` of this checkout, such as packs of the one who tests, changes no test.
    """
    folders = ["--data-dir", str(tmp_path), "--packs-dir", str(tmp_path / "custom_nodes")]

    def call(*arguments: str | Path) -> Answer:
        code = main.main([*map(str, arguments), *folders])
        captured = capsys.readouterr()
        return Answer(code, captured.out, captured.err, tmp_path)

    return call
