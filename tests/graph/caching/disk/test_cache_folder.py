"""A cache folder as others leave it: locked, deleted, begun anew, not there at first."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from graph.caching.disk.cache_folder import PAUSE_SECONDS
from graph.caching.disk.filesystem import FileLayer
from tests.support.disk_work import Clock, blobs, keep, large, open_disk, values_of

ROOT = Path(__file__).resolve().parents[4]

STOPPED = """
import os, signal, sys
from pathlib import Path
from tests.support.disk_work import open_disk
with open_disk(Path(sys.argv[1])).folder.index.writing():
    print("locked", flush=True)
    os.kill(os.getpid(), signal.SIGSTOP)
"""


class Impatient(FileLayer):
    """Does not wait for locks."""

    def connect(self, path):
        return sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)


@pytest.mark.skipif(os.name != "posix", reason="where processes can be stopped")
@pytest.mark.process
def test_what_is_stored_is_found_though_another_process_was_stopped_while_it_wrote(tmp_path, caplog):
    clock = Clock()
    disk = open_disk(tmp_path)
    keep(disk, b"a", large())
    disk.close()
    stopped = subprocess.Popen(
        [sys.executable, "-c", STOPPED, str(tmp_path)], cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
    )  # fmt: skip
    try:
        assert stopped.stdout.readline() == b"locked\n"
        disk = open_disk(tmp_path, layer=Impatient(), clock=clock)
        assert disk.statistics().problem == ""
        assert values_of(disk, b"a") == large().values
        keep(disk, b"b", large(b"b"))
        assert "locked" in caplog.text
        clock.skip()
    finally:
        os.kill(stopped.pid, signal.SIGKILL)
        stopped.communicate(timeout=100)
    keep(disk, b"b", large(b"b"))
    assert values_of(disk, b"b") == large(b"b").values
    disk.close()


def test_a_folder_that_is_deleted_while_it_is_open_is_begun_anew_by_the_next_run(tmp_path):
    disk = open_disk(tmp_path)
    keep(disk, b"a", large(b"a"))
    shutil.rmtree(tmp_path / "cache")
    disk.refresh()
    assert not disk.knows(b"a")
    keep(disk, b"b", large(b"b"))
    disk.close()
    disk = open_disk(tmp_path)
    assert values_of(disk, b"b") == large(b"b").values
    assert len(blobs(tmp_path)) == 1
    disk.close()


def test_an_index_that_another_process_begins_anew_is_shared_with_it(tmp_path):
    one, two = open_disk(tmp_path), open_disk(tmp_path)
    keep(one, b"a", large(b"a"))
    one.folder.failed(_broken(), one.folder.index)
    one.refresh()
    keep(two, b"lost", large(b"lost"))
    two.refresh()
    keep(one, b"b", large(b"b"))
    assert values_of(two, b"b") == large(b"b").values
    keep(two, b"c", large(b"c"))
    assert values_of(one, b"c") == large(b"c").values
    one.close()
    two.close()
    disk = open_disk(tmp_path)
    keep(disk, b"d", large(b"d"))
    assert len(blobs(tmp_path)) == disk.statistics().results == 3
    disk.close()


def _broken():
    error = sqlite3.DatabaseError("database disk image is malformed")
    error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
    return error


def test_a_folder_that_cannot_be_opened_is_tried_again_after_a_while(tmp_path, caplog):
    now = 0.0
    in_the_way = tmp_path / "cache"
    in_the_way.write_text("a file in its place")
    disk = open_disk(tmp_path, clock=lambda: now)
    assert disk.statistics().problem != ""
    in_the_way.unlink()
    disk.refresh()
    assert disk.statistics().problem != "", "not at every run: it may take long to fail"
    now = PAUSE_SECONDS
    disk.refresh()
    assert disk.statistics().problem == ""
    keep(disk, b"a", large())
    assert values_of(disk, b"a") == large().values
    assert len(caplog.records) == 1
    disk.close()


def test_what_takes_long_to_fail_is_tried_the_less_often(tmp_path):
    now, tried = 0.0, []

    class Slow(FileLayer):
        def connect(self, path):
            nonlocal now
            now += 20.0
            tried.append(now)
            raise sqlite3.OperationalError("database is locked")

    disk = open_disk(tmp_path, clock=lambda: now, layer=Slow())
    for _ in range(1000):
        now += 1.0
        disk.refresh()
    assert len(tried) == 2
    disk.close()


def test_what_is_closed_stays_closed_and_says_nothing_of_it(tmp_path, caplog):
    now = 0.0
    disk = open_disk(tmp_path, clock=lambda: now)
    keep(disk, b"a", large())
    found = disk.find(b"a")[1]
    index = disk.folder.index
    disk.close()
    now = 2 * PAUSE_SECONDS
    disk.refresh()
    assert disk.folder.index is None
    assert disk.load(found) is None
    disk.folder.failed(sqlite3.ProgrammingError("Cannot operate on a closed database."), index)
    assert caplog.records == []
