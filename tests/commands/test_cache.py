"""`cache`: shows, verifies and clears what is remembered across restarts."""

from __future__ import annotations

import io
import json
import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from commands.caching import open_cache
from graph.results.fingerprint import Fingerprinter
from graph.results.result import Result

Command = Callable[..., Any]
EXAMPLE = Path(__file__).resolve().parents[2] / "workflows" / "text-to-image.json"


@pytest.fixture
def filled(tmp_path: Path) -> Path:
    """A data folder with two decoded pictures and a prompt."""
    marks = Fingerprinter()
    cache = open_cache(tmp_path)
    for number, (node_type, value, seconds) in enumerate(
        [("VAEDecode", b"a" * 50_000, 2.0), ("VAEDecode", b"b" * 50_000, 3.0), ("Prompt", "a boat", 0.1)]
    ):
        result = Result((value,), (marks.of(value),), seconds=seconds)
        cache.keep([b"%d" % number], result, node_type=node_type)
    cache.close()
    return tmp_path


def blobs(data: Path) -> list[Path]:
    return sorted((data / "cache" / "blobs").rglob("*.safetensors"))


def test_show_tells_what_there_is_and_what_it_took(filled: Path, command: Command) -> None:
    answer = command("cache")
    assert answer.code == 0
    row = next(line for line in answer.out.splitlines() if line.startswith("VAEDecode"))
    assert row.split() == ["VAEDecode", "2", "2", "98.0", "KiB", "5.0", "s"]
    assert "would take 5.1 s" in answer.out


def test_show_says_where_there_is_less_room_than_there_could_be(
    filled: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("graph.caching.disk.filesystem.FileLayer.space", lambda *_: (100 * 2**30, 5 * 2**30))
    answer = command("cache")
    assert "KiB of at most 3.0 GiB in" in answer.out
    assert "It would be 8.0 GiB, but the disk has 5.0 GiB free, and 2.0 GiB are to stay free" in answer.out
    told = command("cache", "--json").lines[0]
    assert (told["free"], told["kept_free"], told["max_bytes"]) == (5 * 2**30, 2 * 2**30, 8 * 2**30)
    assert told["bound"] < 3.1 * 2**30


def test_show_tells_programs_the_same(filled: Path, command: Command) -> None:
    told = command("cache", "show", "--json").lines[0]
    assert told["folder"] == str(filled / "cache")
    assert told["results"] == 3
    assert [(item["node_type"], item["values"], item["seconds"]) for item in told["types"]] == [
        ("VAEDecode", 2, 5.0), ("Prompt", 1, 0.1)
    ]  # fmt: skip
    assert 100_000 < told["nbytes"] < 102_000


@pytest.mark.parametrize("action", ["show", "verify", "clear"])
def test_where_nothing_is_remembered_nothing_is_made(tmp_path: Path, command: Command, action: str) -> None:
    answer = command("cache", action)
    assert answer.code == 0
    assert "yet" in answer.out
    assert not (tmp_path / "cache").exists()


def test_verify_is_content_with_what_is_whole(filled: Path, command: Command) -> None:
    answer = command("cache", "verify")
    assert answer.code == 0
    assert "3 of 3" in answer.out


def test_verify_names_what_is_damaged_sets_it_aside_and_fails(filled: Path, command: Command) -> None:
    path = blobs(filled)[0]
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    answer = command("cache", "verify")
    assert answer.code == 1
    assert answer.err.count(path.name) == 1
    assert "2 of 3" in answer.out
    assert not path.exists()
    again = command("cache", "verify", "--json")
    assert again.code == 0
    assert again.lines == [{"values": 2, "bad": 0, "damaged": [], "unreadable": 0}]


def test_verify_tells_values_that_are_gone_from_an_index_that_is_damaged(filled: Path, command: Command) -> None:
    for path in blobs(filled):
        path.unlink()
    answer = command("cache", "verify")
    assert answer.code == 1
    assert answer.err.count("it is not there; it is forgotten") == 2
    assert "1 of 3" in answer.out
    index = filled / "cache" / "index.sqlite"
    data = bytearray(index.read_bytes())
    data[4096:] = b"\xaa" * (len(data) - 4096)
    index.write_bytes(data)
    answer = command("cache", "verify")
    assert answer.code == 1
    assert "the index: database disk image is malformed; it is set aside" in answer.err
    assert command("cache").code == 0
    assert "Nothing is remembered" in command("cache").out


def test_clear_asks_first(filled: Path, command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("builtins.input", lambda: "n")
    answer = command("cache", "clear")
    assert answer.code == 2
    assert "Forget 3 results" in answer.err
    assert len(blobs(filled)) == 2
    monkeypatch.setattr("builtins.input", lambda: "y")
    answer = command("cache", "clear")
    assert answer.code == 0
    assert "Forgot 3 results; 98." in answer.out
    assert blobs(filled) == []


def test_clear_with_yes_does_not_ask(filled: Path, command: Command) -> None:
    answer = command("cache", "clear", "--yes", "--json")
    assert answer.code == 0
    assert answer.lines[0]["results"] == 3
    assert command("cache", "--json").lines[0]["results"] == 0


def test_clear_without_anybody_to_answer_forgets_nothing(
    filled: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nobody() -> str:
        raise EOFError

    monkeypatch.setattr("builtins.input", nobody)
    assert command("cache", "clear").code == 2
    assert len(blobs(filled)) == 2


@pytest.mark.parametrize("arguments", [["explain"], ["show", "some.json"]])
def test_only_explain_wants_a_workflow(command: Command, arguments: list[str]) -> None:
    answer = command("cache", *arguments)
    assert answer.code == 2
    assert "workflow file" in answer.err


def test_a_folder_that_cannot_be_used_is_said_to_be_so(tmp_path: Path, command: Command) -> None:
    (tmp_path / "cache" / "index.sqlite").mkdir(parents=True)
    answer = command("cache", "verify")
    assert answer.code == 1
    assert "cannot be used" in answer.err


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="where folders may be closed to somebody")
@pytest.mark.parametrize("action", ["show", "verify", "clear"])
def test_a_folder_that_may_not_be_looked_into_is_said_to_be_so(
    filled: Path, command: Command, monkeypatch: pytest.MonkeyPatch, action: str
) -> None:
    closed, look = filled / "cache", Path.stat

    def refuse(path: Path, **options: Any) -> os.stat_result:
        if path.parent == closed:
            raise PermissionError(13, "Permission denied")
        return look(path, **options)

    def refuse_to_open(*_: Any) -> None:
        raise sqlite3.OperationalError("unable to open database file")

    monkeypatch.setattr(Path, "stat", refuse)
    monkeypatch.setattr("graph.caching.disk.filesystem.FileLayer.connect", refuse_to_open)
    answer = command("cache", action)
    assert answer.code == 1
    assert "cannot be used: unable to open database file" in answer.err
    assert "To fix it" in answer.err


WORKFLOW: dict[str, Any] = {
    "jacquard": 1,
    "nodes": {
        "1": {"type": "LoadImage", "inputs": {"image": "cat.png"}},
        "2": {"type": "ImageInvert", "title": "Invert it", "inputs": {"image": {"from": ["1", "IMAGE"]}}},
        "3": {"type": "SaveImage", "inputs": {"images": {"from": ["2", "IMAGE"]}}},
    },
}


def test_explain_says_for_every_node_what_would_happen_and_why(tmp_path: Path, command: Command) -> None:
    (tmp_path / "input").mkdir()
    Image.new("RGB", (8, 6)).save(tmp_path / "input" / "cat.png")
    path = tmp_path / "some.json"
    path.write_text(json.dumps(WORKFLOW))
    answer = command("cache", "explain", path)
    assert answer.code == 0
    assert not (tmp_path / "cache").exists()
    assert len(answer.out.splitlines()) == 3
    assert "would run   Invert it (2): no such node ran before" in answer.out
    told = command("cache", "explain", path, "--json").lines
    assert [(item["node"], item["runs"], item["code"]) for item in told] == [
        ("1", True, "new"), ("2", True, "new"), ("3", True, "new")
    ]  # fmt: skip


def test_explain_says_which_seeds_a_run_would_change(command: Command) -> None:
    answer = command("cache", "explain", EXAMPLE)
    assert answer.out.splitlines()[-1].endswith("a run changes 3.seed first.")
    assert len(command("cache", "explain", EXAMPLE, "--json").lines) == len(answer.out.splitlines()) - 1


def test_explain_reads_standard_input(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(EXAMPLE.read_bytes())))
    assert "would run   What you want (6)" in command("cache", "explain", "-").out


def test_why_a_node_was_called_that_failed_is_told_as_such(tmp_path: Path, command: Command) -> None:
    (tmp_path / "input").mkdir()
    (tmp_path / "input" / "cat.png").write_text("this is no picture")
    path = tmp_path / "some.json"
    path.write_text(json.dumps(WORKFLOW))
    lines = command("run", path, "--explain").out.splitlines()
    assert "  failed   LoadImage (1): no such node ran before" in lines
    assert "  skipped  Invert it (2): it needs LoadImage (1)" in lines


def test_explain_refuses_what_cannot_run(tmp_path: Path, command: Command) -> None:
    path = tmp_path / "some.json"
    path.write_text(json.dumps(WORKFLOW))
    answer = command("cache", "explain", path)
    assert answer.code == 2
    assert "cat.png" in answer.err
