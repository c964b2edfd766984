"""The state of some files: whether they are as they were, and what tells them from others."""

from __future__ import annotations

import importlib.util
import os
import shutil
from pathlib import Path

import pytest

from graph.packs import file_snapshot
from graph.packs.file_snapshot import NOT_COUNTED, UnknownStateError, drop_stale_bytecode, take


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = tmp_path / "pack"
    for name in ("a.py", "sub/b.json", "sub/deep/c.txt", "__pycache__/a.pyc", ".git/head"):
        write(found, name)
    settle(found)
    return found


def write(folder: Path, name: str, text: str = "text") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def settle(folder: Path) -> None:
    """All of it was written long ago: a clock of a file system does not tell a change within a moment."""
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            os.utime(path, ns=(10**18, 10**18))


CHANGES = {
    "another content": lambda folder: (folder / "a.py").write_text("other"),
    "a new file": lambda folder: write(folder, "sub/new.txt"),
    "a file less": lambda folder: (folder / "sub" / "b.json").unlink(),
    "a folder less": lambda folder: shutil.rmtree(folder / "sub"),
    "another name": lambda folder: (folder / "a.py").rename(folder / "b.py"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_noticed_and_told_by_the_digest(folder: Path, change: str) -> None:
    snapshot = take(folder)
    digest = snapshot.digest()
    assert snapshot.is_as_it_was()
    CHANGES[change](folder)
    assert not snapshot.is_as_it_was()
    assert take(folder).digest() != digest


@pytest.mark.parametrize("place", sorted(NOT_COUNTED))
def test_what_python_and_tools_write_does_not_count(folder: Path, place: str) -> None:
    snapshot = take(folder)
    digest = snapshot.digest()
    write(folder, f"{place}/x")
    assert snapshot.is_as_it_was()
    assert take(folder).digest() == digest


def test_files_that_lie_elsewhere_are_the_same(folder: Path, tmp_path: Path) -> None:
    digest = take(folder).digest()
    folder.rename(tmp_path / "moved")
    for path in (tmp_path / "moved").rglob("*"):
        os.utime(path, ns=(1, 1))  # of what is small the content counts
    assert take(tmp_path / "moved").digest() == digest


def test_a_large_file_is_not_read_and_counts_by_size_and_time(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    large = folder / "weights.bin"
    large.write_bytes(b"x" * (2**20 + 1))
    read: list[str] = []
    real = Path.read_bytes
    monkeypatch.setattr(Path, "read_bytes", lambda path: (read.append(path.name), real(path))[1])
    digest = take(folder).digest()
    assert sorted(read) == ["a.py", "b.json", "c.txt"]
    os.utime(large, ns=(1, 1))
    assert take(folder).digest() != digest


def test_a_single_file_and_a_choice_of_entries_can_be_looked_at(folder: Path) -> None:
    single = take(folder / "a.py")
    chosen = take(folder, lambda entry: entry.name == "a.py")
    assert list(chosen.states) == ["a.py"]
    assert list(single.sources()) == list(chosen.sources()) == [folder / "a.py"]
    write(folder, "sub/b.json", "other")
    assert single.is_as_it_was()
    assert chosen.is_as_it_was()
    write(folder, "a.py", "other")
    assert not single.is_as_it_was()
    assert not chosen.is_as_it_was()


@pytest.mark.skipif(os.name != "posix", reason="links of POSIX")
def test_links_in_a_circle_end_and_a_link_that_leads_nowhere_may_lead_somewhere_later(folder: Path) -> None:
    (folder / "sub" / "circle").symlink_to(folder)
    (folder / "nowhere").symlink_to("later.txt")
    settle(folder)
    snapshot = take(folder)
    assert snapshot.is_as_it_was()
    write(folder, "later.txt")
    assert not snapshot.is_as_it_was()


def test_too_many_files_are_not_looked_at(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_snapshot, "MOST_FILES", 2)
    with pytest.raises(UnknownStateError, match="more than 2 files"):
        take(folder)


def test_what_is_gone_cannot_be_told(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(UnknownStateError, match="gone cannot be read"):
        take(tmp_path / "gone")
    snapshot = take(folder)
    shutil.rmtree(folder)
    assert not snapshot.is_as_it_was()
    with pytest.raises(UnknownStateError, match="cannot be read"):
        snapshot.digest()


def test_a_compiled_module_that_is_no_younger_than_its_source_is_deleted(folder: Path) -> None:
    source = folder / "a.py"
    compiled = Path(importlib.util.cache_from_source(os.fspath(source)))
    compiled.parent.mkdir(exist_ok=True)
    for at, is_kept in ((10**18 + 1, True), (10**18, False)):
        compiled.write_bytes(b"code")
        os.utime(compiled, ns=(at, at))
        drop_stale_bytecode(take(folder))
        assert compiled.exists() is is_kept
    drop_stale_bytecode(take(folder))
