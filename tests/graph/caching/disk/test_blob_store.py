"""Files named by content: whole or not there, set aside where they are damaged, and swept when nobody finishes them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from graph.caching.disk import blob_store
from graph.caching.disk.blob_store import Blobs
from graph.caching.disk.filesystem import FileLayer
from graph.caching.disk.safetensors_file import to_pieces
from graph.caching.disk.serialization import DamagedError, pack
from tests.support.failing_disk import FailingDisk
from tests.support.toy_arrays import ToyArray, ToyArrays

CODECS = [ToyArrays()]
MARK, OTHER = b"c" + bytes(range(16)), b"c" + bytes(range(16, 32))
NOBODY = 2**22 + 1
"""No process has this number: it is above the largest that Linux gives."""


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    return Blobs(tmp_path, FileLayer())


def write(blobs: Blobs, mark: bytes = MARK, content: bytes = b"x" * 100) -> Path:
    packed = pack(ToyArray(content), CODECS)
    assert packed is not None
    blobs.write(mark, to_pieces(packed))
    return blobs.path(mark)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_what_is_written_is_read_under_its_name(blobs: Blobs, tmp_path: Path) -> None:
    path = write(blobs)
    assert path == tmp_path / "blobs" / "00" / "000102030405060708090a0b0c0d0e0f.safetensors"
    assert blobs.exists(MARK)
    assert blobs.read(MARK, CODECS) == ToyArray(b"x" * 100)
    assert blobs.fingerprints() == [MARK]
    assert not blobs.exists(OTHER)
    with pytest.raises(FileNotFoundError):
        blobs.read(OTHER, CODECS)


@pytest.mark.parametrize("step", ["create", "write", "rename"])
def test_a_write_that_fails_leaves_nothing_behind(tmp_path: Path, step: str) -> None:
    blobs = Blobs(tmp_path, FailingDisk(step, 1, once=True))
    with pytest.raises(OSError, match="No space left"):
        write(blobs)
    assert names(tmp_path) == []
    write(blobs)
    assert len(names(tmp_path)) == 1


def test_settling_syncs_each_file_and_its_folder_once_and_passes_over_what_is_gone(tmp_path: Path) -> None:
    layer = FailingDisk()
    blobs = Blobs(tmp_path, layer)
    write(blobs)
    write(blobs, OTHER).unlink()
    blobs.settle()
    assert layer.done["sync_folder"] == 2
    before = layer.done["sync"]
    blobs.settle()
    assert layer.done["sync"] == before


def test_a_damaged_file_is_refused_and_can_be_taken_out_of_the_way(blobs: Blobs, tmp_path: Path) -> None:
    path = write(blobs)
    path.write_bytes(b"nonsense")
    with pytest.raises(DamagedError):
        blobs.read(MARK, CODECS)
    blobs.set_value_aside(MARK)
    blobs.set_value_aside(MARK)
    assert not blobs.exists(MARK)
    (aside,) = (tmp_path / "set-aside").iterdir()
    assert aside.read_bytes() == b"nonsense"
    blobs.clear_aside()
    assert names(tmp_path) == []


def test_of_what_was_set_aside_the_last_few_stay(blobs: Blobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stamps = iter(range(100))
    monkeypatch.setattr(blob_store.time, "time_ns", lambda: next(stamps) + 10)
    for number in range(12):
        blobs.set_aside(write(blobs, content=b"%d" % number))
    assert len(names(tmp_path / "set-aside")) == 10
    assert names(tmp_path / "set-aside")[0].startswith("12-")


def test_a_file_that_can_neither_be_moved_nor_deleted_stays(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path, FailingDisk())
    path = write(blobs)
    Blobs(tmp_path, FailingDisk("any", 1)).set_value_aside(MARK)
    assert path.exists()


@pytest.mark.skipif(os.name != "posix", reason="asking for a process would end it")
@pytest.mark.parametrize(
    ("name", "age", "is_left"),
    [
        (f".x-{NOBODY}-0.part", 0, False),
        (".x-OWN-0.part", 0, True),
        (".x-OWN-0.part", 4_000, False),
        (".x-nobody-0.part", 0, True),
        (".x.part", 0, True),
        (".x.part", 4_000, False),
        ("x.txt", 4_000, True),
    ],
)
def test_half_written_files_of_nobody_are_swept(
    blobs: Blobs, name: str, age: int, is_left: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    half = write(blobs).with_name(name.replace("OWN", str(os.getpid())))
    half.touch()
    os.utime(half, (1_000_000, 1_000_000))
    monkeypatch.setattr(blob_store.time, "time", lambda: 1_000_000.0 + age)
    blobs.sweep()
    assert half.exists() is is_left
    assert blobs.exists(MARK)


def test_what_has_no_name_of_ours_is_no_content(blobs: Blobs) -> None:
    folder = write(blobs).parent
    (folder / "nonsense.safetensors").touch()
    (folder / "00.txt").touch()
    assert blobs.fingerprints() == [MARK]


def test_deleting_what_is_not_there_is_fine(blobs: Blobs) -> None:
    write(blobs)
    blobs.remove(MARK)
    blobs.remove(MARK)
    assert blobs.fingerprints() == []
