"""What calls have worked out so far: one folder for a call, outlives what stops it, and does not stay for ever."""

import os
from pathlib import Path
from typing import Any

import pytest

from graph.api import Files, NodeContext, Registry, node
from graph.caching.cache import Cache
from graph.caching.disk.disk_cache import DiskCache
from graph.caching.memory_cache import MemoryCache
from graph.engine import Engine
from graph.running.unfinished import KIND, Unfinished
from tests.support.documents import document


def files_in(folder: Path) -> list[str]:
    return sorted(item.name for item in folder.rglob("*") if item.is_file())


def test_a_call_finds_its_folder_again_and_another_call_has_another(tmp_path: Path) -> None:
    unfinished = Unfinished(tmp_path / "root")
    first, second = unfinished.folder(b"one"), unfinished.folder(b"two")
    assert first is not None
    assert first != second
    (first / "note").write_text("1")
    assert Unfinished(tmp_path / "root").folder(b"one") == first
    assert files_in(tmp_path) == ["note"]
    unfinished.remove(b"one")
    assert files_in(tmp_path) == []


def test_there_is_none_without_a_place_and_where_nothing_can_be_written(tmp_path: Path) -> None:
    assert Unfinished(None).folder(b"one") is None
    (tmp_path / "file").write_text("")
    assert Unfinished(tmp_path / "file").folder(b"one") is None


def test_the_oldest_go_when_all_are_too_large_and_those_that_nobody_used(tmp_path: Path) -> None:
    unfinished = Unfinished(tmp_path, most_bytes=25, most_seconds=1000)
    for age, key in ((2000, b"old"), (500, b"large"), (100, b"newer")):
        folder = unfinished.folder(key)
        assert folder is not None
        (folder / key.decode()).write_bytes(bytes(20 if key == b"large" else 10))
        for place in (folder / key.decode(), folder):
            then = place.stat().st_mtime - age
            os.utime(place, (then, then))
    assert unfinished.folder(b"now") is not None
    assert files_in(tmp_path) == ["newer"]


@node("Slow", category="test", version=2)
def slow(to: int, context: NodeContext) -> int:
    """Count, and fail at 2 as long as nothing is noted."""
    folder = context.unfinished()
    assert folder is not None
    note = folder / "reached"
    if note.exists():
        return to + len(note.read_text())
    note.write_text("12")
    raise OSError("stopped")


def engine(home: Path, *, disk: bool) -> Engine:
    registry = Registry()
    registry.add(slow.__node_type__)  # type: ignore[attr-defined]
    cache = Cache(MemoryCache(10**6, ()), DiskCache(home / "cache") if disk else None)
    return Engine(registry, Files({KIND: [home / "unfinished"]}), cache=cache)


def run(home: Path, to: int, *, disk: bool = True) -> Any:
    with engine(home, disk=disk) as made:
        return made.run(document(slow=("Slow", {"to": to})), ["slow"])


@pytest.mark.parametrize("disk", [True, False])
def test_what_was_left_is_there_when_the_same_call_is_made_again(tmp_path: Path, *, disk: bool) -> None:
    assert run(tmp_path, 5, disk=disk).status == "failed"
    assert files_in(tmp_path / "unfinished") == ["reached"]
    assert run(tmp_path, 6, disk=disk).status == "failed"  # other inputs, another folder
    assert run(tmp_path, 5, disk=disk).values["slow"] == {"INT": 7}


def test_it_is_gone_when_the_result_lies_in_the_disk_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("graph.caching.disk.disk_cache.should_store_record", lambda _: True)
    monkeypatch.setattr("graph.caching.disk.disk_cache.should_store_values", lambda *_: True)
    run(tmp_path, 5)
    assert run(tmp_path, 5).values["slow"] == {"INT": 7}
    assert list((tmp_path / "unfinished").iterdir()) == []
    assert run(tmp_path, 5).values["slow"] == {"INT": 7}
