"""`make check`: which tests it has, and that what fails is told and fails it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tools import check

ROOT = Path(__file__).resolve().parents[2]


def test_every_test_is_in_one_part() -> None:
    found = {path.relative_to(ROOT / "tests").parts[0] for path in (ROOT / "tests").rglob("test_*.py")}
    assert sorted(" ".join(check.PARTS).split()) == sorted(found)


def test_format_lint_types_and_each_part_have_a_command() -> None:
    assert [*check.commands()] == ["format", "lint", *(f"tests of {part}" for part in check.PARTS), "types"]


@pytest.mark.process
def test_what_fails_is_named_with_what_it_said_and_the_others_are_finished(capsys: pytest.CaptureFixture[str]) -> None:
    jobs = {
        "wrong": [sys.executable, "-c", "print('line 3 is wrong'); raise SystemExit(1)"],
        "right": [sys.executable, "-c", "print('all is well')"],
    }
    assert check.check(jobs, 1) == ["wrong"]
    told = capsys.readouterr().out
    assert "== wrong: failed" in told
    assert "line 3 is wrong" in told
    assert "== right: passed" in told
    assert "all is well" in told


@pytest.mark.process
def test_what_python_compiles_is_kept(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    check.check({"asks": [sys.executable, "-c", "import sys; print('kept:', not sys.dont_write_bytecode)"]}, 1)
    assert "kept: True" in capsys.readouterr().out
