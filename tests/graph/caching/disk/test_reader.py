"""Reading back from a cache folder: whatever is wrong with a value is a miss, and never reaches who asks."""

import errno
import logging
import os
import threading

import pytest

from graph.caching.disk.filesystem import FileLayer
from tests.support.disk_work import Clock, blobs, keep, large, open_disk, values_of
from tests.support.failing_disk import FailingDisk


class MayNotChange(FileLayer):
    """A disk that was mounted anew for reading only."""

    is_locked = False

    def rename(self, source, target):
        self._refuse()
        super().rename(source, target)

    def remove(self, path):
        self._refuse()
        super().remove(path)

    def _refuse(self):
        if self.is_locked:
            raise OSError(errno.EROFS, os.strerror(errno.EROFS))


def test_a_damaged_file_that_can_neither_be_moved_nor_deleted_is_a_miss(tmp_path, caplog):
    layer, clock = MayNotChange(), Clock()
    disk = open_disk(tmp_path, layer=layer, clock=clock)
    keep(disk, b"a", large())
    blobs(tmp_path)[0].write_bytes(b"nonsense")
    layer.is_locked = True
    with caplog.at_level(logging.WARNING):
        assert values_of(disk, b"a") == "record"
        disk.flush()
    assert "damaged" in caplog.text
    layer.is_locked = False
    clock.skip()
    keep(disk, b"a", large())
    assert values_of(disk, b"a") == large().values
    disk.close()


@pytest.mark.parametrize("number", [errno.EIO, errno.EACCES, errno.EMFILE])
def test_a_file_that_cannot_be_read_is_a_miss_and_stays(tmp_path, number):
    class Unreadable(FileLayer):
        def read(self, path):
            raise OSError(number, os.strerror(number))

    disk = open_disk(tmp_path, layer=Unreadable())
    keep(disk, b"a", large())
    assert values_of(disk, b"a") == "record"
    assert disk.verify().damaged[0].endswith(os.strerror(number))
    assert len(blobs(tmp_path)) == 1
    disk.close()


def test_a_value_that_is_made_again_beside_the_news_that_it_was_gone_is_stored(tmp_path):
    disk = open_disk(tmp_path, layer=FailingDisk())
    keep(disk, b"a", large())
    blobs(tmp_path)[0].unlink()
    found = disk.find(b"a")[1]
    with disk.folder.index.writing():  # the writer's thread has to wait: both come in one batch
        disk.keep([b"other"], large(b"o"), "Toy")
        assert disk.load(found) is None
        disk.keep([b"a"], large(), "Toy")
    disk.flush()
    assert values_of(disk, b"a") == large().values
    disk.close()


def test_a_file_that_came_back_after_it_was_missed_is_not_left_over(tmp_path):
    disk = open_disk(tmp_path)
    keep(disk, b"a", large())
    (path,) = blobs(tmp_path)
    path.rename(tmp_path / "elsewhere")
    found = disk.find(b"a")[1]
    with disk.folder.index.writing():
        disk.keep([b"other"], large(b"o"), "Toy")
        assert disk.load(found) is None
        (tmp_path / "elsewhere").rename(path)
    disk.flush()
    assert [path.stem for path in blobs(tmp_path)] == [m[1:].hex() for m in disk.folder.index.contents()]
    disk.close()


def test_what_another_process_is_letting_go_is_not_told_to_be_missing(tmp_path):
    one, two = open_disk(tmp_path), open_disk(tmp_path)
    keep(one, b"a", large())
    (path,) = blobs(tmp_path)
    index = two.folder.index
    looked = threading.Event()
    attempt = one.folder.attempt

    def look(operation, otherwise):
        if operation.__name__ == "look":
            looked.set()
        return attempt(operation, otherwise)

    one.folder.attempt = look
    with index.writing() as change:  # the order in which room is made on a disk that is nearly full
        for mark in index.contents():
            change.drop_content(mark)
        path.unlink()
        verifying = threading.Thread(target=lambda: found.append(one.verify()))
        found = []
        verifying.start()
        assert looked.wait(20)
    verifying.join(20)
    assert found[0].damaged == ()
    one.close()
    two.close()
