"""The calls by which the disk tier touches a disk do what they say."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from graph.caching.disk.filesystem import FileLayer

LAYER = FileLayer()


def write(path: Path, data: bytes) -> None:
    descriptor = LAYER.create(path)
    try:
        LAYER.write(descriptor, memoryview(data))
    finally:
        os.close(descriptor)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    write(tmp_path / "a", b"x" * 100_000)
    LAYER.sync(tmp_path / "a")
    LAYER.sync_folder(tmp_path)
    with LAYER.read(tmp_path / "a") as file:
        assert file.read() == b"x" * 100_000


def test_what_is_there_is_not_created_again(tmp_path: Path) -> None:
    write(tmp_path / "a", b"first")
    with pytest.raises(FileExistsError):
        LAYER.create(tmp_path / "a")


def test_all_is_written_though_the_system_takes_it_in_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: real(descriptor, data[:7]))
    write(tmp_path / "a", bytes(range(100)))
    assert (tmp_path / "a").read_bytes() == bytes(range(100))


def test_a_rename_takes_the_place_of_another_file(tmp_path: Path) -> None:
    write(tmp_path / "a", b"new")
    write(tmp_path / "b", b"old")
    LAYER.rename(tmp_path / "a", tmp_path / "b")
    assert [path.name for path in tmp_path.iterdir()] == ["b"]
    assert (tmp_path / "b").read_bytes() == b"new"


def test_removing_what_is_not_there_is_fine(tmp_path: Path) -> None:
    write(tmp_path / "a", b"x")
    for _ in range(2):
        LAYER.remove(tmp_path / "a")
    assert not (tmp_path / "a").exists()


def test_a_connection_has_no_transactions_of_its_own(tmp_path: Path) -> None:
    connection = LAYER.connect(tmp_path / "x.sqlite")
    connection.execute("CREATE TABLE t (n)")
    connection.execute("INSERT INTO t VALUES (1)")
    assert not connection.in_transaction
    connection.close()


def test_the_disk_has_free_space_that_is_part_of_all(tmp_path: Path) -> None:
    total, free = LAYER.space(tmp_path)
    assert 0 < free <= total
