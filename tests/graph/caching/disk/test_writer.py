"""Writing into a cache folder: what fails takes nothing else along, and leaves nothing that nobody counts."""

import logging
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from graph.caching.disk.cache_folder import PAUSE_SECONDS
from tests.support.disk_work import blobs, keep, large, open_disk, values_of
from tests.support.failing_disk import FailingDisk
from tests.support.toy_arrays import ToyArrays, result

ROOT = Path(__file__).resolve().parents[4]


def known(disk):
    return {mark[1:].hex() for mark in disk.folder.index.contents()}


def in_one_batch(disk, *kept):
    """Have some results written in a batch, after one of its own."""
    with disk.folder.index.writing():
        disk.keep([b"first"], large(b"first"), "Toy")
        for number, each in enumerate(kept):
            disk.keep([b"%d" % number], each, "Toy")
    disk.flush()


def test_files_of_a_batch_that_failed_are_gone_once_writing_works_again(tmp_path):
    now = 0.0
    layer = FailingDisk("create", 2)
    disk = open_disk(tmp_path, layer=layer, clock=lambda: now)
    in_one_batch(disk, large(b"a"), large(b"b"))
    layer.step, now = "none", PAUSE_SECONDS
    keep(disk, b"later", large(b"later"))
    assert {path.stem for path in blobs(tmp_path)} == known(disk)
    disk.close()


class Choosy(ToyArrays):
    """Cannot take apart what begins with an x."""

    def buffer(self, value):
        if bytes(value.data[:1]) == b"x":
            raise RuntimeError("this one lies on a device that is gone")
        return super().buffer(value)


def test_a_value_that_cannot_be_written_costs_no_other_its_place(tmp_path, caplog):
    disk = open_disk(tmp_path, codecs=[Choosy()])
    with caplog.at_level(logging.WARNING):
        in_one_batch(disk, large(b"a"), large(b"x"), large(b"b"))
    assert "a device that is gone" in caplog.text
    disk.close()
    disk = open_disk(tmp_path)
    assert [values_of(disk, key) for key in (b"0", b"1", b"2")] == [large(b"a").values, "record", large(b"b").values]
    disk.close()


def test_whatever_a_batch_brings_the_next_is_written(tmp_path, caplog):
    disk = open_disk(tmp_path)
    keep(disk, b"a", result("text"), node_type="no text that a database takes: \ud800")
    keep(disk, b"b", result("text"))
    assert "could not be written" in caplog.text
    assert (values_of(disk, b"a"), values_of(disk, b"b")) == (None, ("text",))
    disk.close()


# --- clearing


def test_a_clearing_that_is_cut_off_leaves_no_row_without_its_file(tmp_path):
    def interrupt(step):
        raise KeyboardInterrupt

    layer = FailingDisk(fail=interrupt)
    disk = open_disk(tmp_path, layer=layer)
    for letter in b"abc":
        keep(disk, bytes([letter]), large(bytes([letter])))
    layer.step, layer.number = "remove", layer.done["remove"] + 2
    with pytest.raises(KeyboardInterrupt):
        disk.clear()
    disk.close()
    disk = open_disk(tmp_path)
    assert disk.verify().damaged == ()
    keep(disk, b"later", large(b"later"))
    assert {path.stem for path in blobs(tmp_path)} == known(disk)
    disk.close()


def test_clearing_does_not_take_the_file_away_that_another_process_is_writing(tmp_path, caplog):
    class Cleared(FailingDisk):
        def rename(self, source, target):
            if self.done["rename"] == 0:
                other.clear()
            super().rename(source, target)

    other = open_disk(tmp_path)
    disk = open_disk(tmp_path, layer=Cleared())
    keep(disk, b"a", large())
    assert values_of(disk, b"a") == large().values
    assert caplog.records == []
    disk.close()
    other.close()


def test_clearing_frees_what_it_says_also_when_there_is_no_room_to_tidy_up_in(tmp_path):
    class NoRoom(FailingDisk):
        def connect(self, path):
            class Connection(sqlite3.Connection):
                def execute(self, statement, *values):
                    if statement == "VACUUM":
                        raise sqlite3.OperationalError("database or disk is full")
                    return super().execute(statement, *values)

            return sqlite3.connect(path, isolation_level=None, check_same_thread=False, factory=Connection)

    disk = open_disk(tmp_path, layer=NoRoom())
    keep(disk, b"a", large())
    assert disk.clear() > 20_000
    disk.close()


def test_other_processes_find_what_is_stored_after_a_clearing(tmp_path):
    one, two = open_disk(tmp_path), open_disk(tmp_path)
    keep(one, b"a", large())
    for _ in range(5):  # each time, the key becomes the youngest again
        assert values_of(one, b"a") != "record"
        one.flush()
    assert values_of(two, b"a") == large().values
    one.clear()
    keep(one, b"b", large())
    assert values_of(two, b"b") == large().values
    one.close()
    two.close()


# --- what a process leaves behind that is killed

HALF = """
import os, signal, sys
from pathlib import Path
from tests.support.disk_work import keep, large, open_disk
from tests.support.failing_disk import FailingDisk, kill
keep(open_disk(Path(sys.argv[1]), layer=FailingDisk("write", 2, kill)), b"a", large())
"""


@pytest.mark.skipif(os.name != "posix", reason="where it can be asked whether a process is gone")
@pytest.mark.process
def test_what_a_killed_process_has_half_written_goes_at_once_and_what_is_being_written_stays(tmp_path):
    ended = subprocess.run(
        [sys.executable, "-c", HALF, str(tmp_path)], cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, timeout=100,
        check=False,
    )  # fmt: skip
    assert ended.returncode == -signal.SIGKILL
    (half,) = (tmp_path / "cache").rglob("*.part")
    own = half.with_name(f".00-{os.getpid()}-0.part")
    strange = half.with_name(".what is this.part")
    own.touch()
    strange.touch()
    disk = open_disk(tmp_path)
    keep(disk, b"b", large(b"b"))
    assert set((tmp_path / "cache").rglob("*.part")) == {own, strange}
    disk.close()
