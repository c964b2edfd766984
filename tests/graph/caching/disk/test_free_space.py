"""A cache on a disk that is nearly full gives way: some of the disk stays free, whatever the budget of the cache is."""

import errno
import os
import sqlite3

import pytest

from graph.caching.disk.filesystem import FileLayer
from graph.caching.disk.free_space import KEPT_FREE, KEPT_SHARE, Space, space_at
from tests.support.disk_work import Clock, blobs, keep, large, open_disk, values_of
from tests.support.toy_arrays import result

MIB = 2**20
TOTAL = 100 * MIB
KEPT = TOTAL // KEPT_SHARE


class SmallDisk(FileLayer):
    """100 MiB, of which `others` take some; beside what lies in the folder of values."""

    def __init__(self, folder, others=0):
        self.folder = folder
        self.others = others

    def space(self, path):
        return TOTAL, TOTAL - self.others - self.taken

    @property
    def taken(self):
        return sum(path.stat().st_size for path in blobs(self.folder))

    @property
    def free(self):
        return self.space(self.folder)[1]


def fill(disk, count, start=0):
    for number in range(start, start + count):
        keep(disk, b"%d" % number, large(b"%04d" % number, 250_000, seconds=1.0))


def held(disk, count):
    return [number for number in range(count) if values_of(disk, b"%d" % number) not in (None, "record")]


@pytest.mark.parametrize(
    ("free", "held", "bound"),
    [(100, 0, 50), (52, 0, 50), (51, 0, 49), (30, 20, 48), (2, 20, 20), (1, 20, 19), (0, 20, 18), (0, 1, 0)],
)
def test_the_bound_is_the_budget_or_what_leaves_enough_free(free, held, bound):
    assert Space(free, kept_free=2).bound(50, held) == bound


@pytest.mark.parametrize(("total", "kept"), [(2**40, KEPT_FREE), (20 * MIB, MIB)])
def test_of_a_small_disk_a_part_is_kept_free(tmp_path, total, kept):
    class Disk(FileLayer):
        def space(self, path):
            return total, 5

    assert space_at(tmp_path, Disk()) == Space(5, kept)


def test_where_nobody_can_tell_what_is_free_only_the_budget_counts(tmp_path):
    class Unknown(FileLayer):
        def space(self, path):
            raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))

    disk = open_disk(tmp_path, layer=Unknown())
    keep(disk, b"a", large())
    assert values_of(disk, b"a") == large().values
    assert disk.statistics().bound == disk.statistics().max_bytes
    assert disk.statistics().free is None
    disk.close()


def test_the_real_disk_says_how_large_it_is(tmp_path):
    total, free = FileLayer().space(tmp_path)
    assert 0 <= free <= total > 0


def test_while_there_is_room_the_budget_counts(tmp_path, caplog):
    disk = open_disk(tmp_path, max_bytes=40 * MIB, layer=SmallDisk(tmp_path))
    fill(disk, 12)
    assert held(disk, 12) == list(range(12))
    assert disk.statistics().bound == 40 * MIB
    assert caplog.records == []
    disk.close()


def test_a_full_budget_on_a_disk_with_room_is_no_nearly_full_disk(tmp_path, caplog):
    disk = open_disk(tmp_path, max_bytes=10 * MIB, layer=SmallDisk(tmp_path, others=TOTAL - KEPT - 12 * MIB))
    fill(disk, 20)
    assert len(held(disk, 20)) >= 8
    assert disk.statistics().bound > 9 * MIB
    assert caplog.records == []
    disk.close()


def test_on_a_disk_that_gets_full_values_go_until_enough_is_free_and_it_is_told_once(tmp_path, caplog):
    layer = SmallDisk(tmp_path)
    disk = open_disk(tmp_path, max_bytes=40 * MIB, layer=layer)
    fill(disk, 12)
    layer.others = TOTAL - KEPT - 5 * MIB  # seven more than there is room for
    fill(disk, 3, start=12)
    assert 0 < layer.taken <= 5 * MIB
    assert layer.free >= KEPT
    assert disk.statistics().bound <= 5.1 * MIB
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "nearly full" in caplog.text
    assert values_of(disk, b"0") == "record", "that it was made is still known"
    assert 14 in held(disk, 15)
    disk.close()


def test_on_a_disk_that_others_have_filled_nothing_is_stored_and_nothing_is_left(tmp_path, caplog):
    layer = SmallDisk(tmp_path)
    disk = open_disk(tmp_path, max_bytes=40 * MIB, layer=layer)
    fill(disk, 5)
    layer.others = TOTAL
    fill(disk, 5, start=5)
    assert blobs(tmp_path) == []
    assert held(disk, 10) == []
    assert disk.find(b"9")[1].seconds == 1.0, "records are small"
    layer.others = 0
    fill(disk, 1, start=20)
    assert held(disk, 21) == [20]
    layer.others = TOTAL
    fill(disk, 1, start=30)
    assert len(caplog.records) == 2, "after there was room again, it is news"
    assert disk.verify().damaged == ()
    disk.close()


def test_a_value_that_would_take_much_of_the_little_room_is_not_stored_and_drives_nothing_out(tmp_path):
    layer = SmallDisk(tmp_path)
    disk = open_disk(tmp_path, max_bytes=40 * MIB, layer=layer)
    fill(disk, 4)
    layer.others = TOTAL - KEPT - 5 * MIB
    keep(disk, b"large", large(b"large", 400_000, seconds=100.0))
    assert values_of(disk, b"large") == "record"
    assert held(disk, 4) == [0, 1, 2, 3]
    disk.close()


def test_where_the_index_itself_cannot_grow_files_make_room_for_it(tmp_path):
    """A disk without a single byte: what is written to the index fails until files are gone."""
    layer = SmallDisk(tmp_path)

    class Full(SmallDisk):
        def connect(self, path):
            class Connection(sqlite3.Connection):
                def execute(self, statement, *values):
                    if statement == "COMMIT" and layer.free <= 0:
                        raise sqlite3.OperationalError("database or disk is full")
                    return super().execute(statement, *values)

            return sqlite3.connect(path, isolation_level=None, check_same_thread=False, factory=Connection)

        def space(self, path):
            return layer.space(path)

    clock = Clock()
    disk = open_disk(tmp_path, max_bytes=40 * MIB, layer=Full(tmp_path), clock=clock)
    fill(disk, 5)
    layer.others = TOTAL - layer.taken
    assert layer.free == 0
    fill(disk, 1, start=5)
    assert layer.free > 0
    clock.skip()
    keep(disk, b"text", result("a text"))
    assert disk.statistics().results >= 6
    assert held(disk, 6) == []
    disk.close()


def test_rows_whose_files_are_gone_are_swept_away(tmp_path):
    disk = open_disk(tmp_path)
    for letter in b"abc":
        keep(disk, bytes([letter]), large(bytes([letter])))
    keep(disk, b"small", result("text"))
    disk.close()
    blobs(tmp_path)[0].unlink()
    disk = open_disk(tmp_path)
    keep(disk, b"d", large(b"d"))
    assert disk.verify().damaged == ()
    assert disk.verify().values == 4
    disk.close()
