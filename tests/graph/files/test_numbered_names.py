"""No number is given twice, and nothing is overwritten."""

import os
import threading
from pathlib import Path

import pytest

from graph.files.numbered_names import NumberedNames


def listing(folder):
    return sorted(item.name for item in folder.iterdir())


def refuse(*_, **__):
    raise OSError(28, "No space left on device")


def test_numbers_go_up_from_the_highest_that_is_there(tmp_path):
    for name in ("cat_00007_.png", "cat_00003.jpg", "dog_00099_.png", "cat_x_.png", "cat_00050_.png.bak", "cat.png"):
        (tmp_path / name).touch()
    names = NumberedNames()
    assert [names.write(tmp_path, "cat", ".png", b"").name for _ in range(2)] == ["cat_00008_.png", "cat_00009_.png"]
    assert names.write(tmp_path, "dog", ".webp", b"").name == "dog_00100_.webp"
    assert names.write(tmp_path / "new", "cat", ".png", b"").name == "cat_00001_.png"


def test_a_prefix_is_no_pattern(tmp_path):
    (tmp_path / "caat_00005_.png").touch()
    assert NumberedNames().write(tmp_path, "ca+t", ".png", b"").name == "ca+t_00001_.png"


def test_a_name_that_someone_took_meanwhile_is_stepped_over(tmp_path):
    names = NumberedNames()
    names.write(tmp_path, "cat", ".png", b"1")
    (tmp_path / "cat_00002_.png").write_bytes(b"theirs")
    (tmp_path / "cat_00003_.png").write_bytes(b"theirs")
    assert names.write(tmp_path, "cat", ".png", b"2").name == "cat_00004_.png"
    assert (tmp_path / "cat_00002_.png").read_bytes() == b"theirs"


def test_the_folder_is_listed_once(tmp_path, monkeypatch):
    listed = []
    scandir = os.scandir
    monkeypatch.setattr(os, "scandir", lambda folder: listed.append(folder) or scandir(folder))
    names = NumberedNames()
    for _ in range(5):
        names.write(tmp_path, "cat", ".png", b"")
    assert listed == [tmp_path]


def test_what_a_killed_process_wrote_and_could_not_tell_is_taken_by_the_next_one(tmp_path):
    NumberedNames().write(tmp_path, "cat", ".png", b"of run 1")
    left = NumberedNames().write(tmp_path, "cat", ".png", b"of run 2")
    names = NumberedNames()
    assert names.write(tmp_path, "cat", ".png", b"of run 2", names_its_run=True) == left
    assert names.write(tmp_path, "cat", ".png", b"of run 3", names_its_run=True).name == "cat_00003_.png"
    assert names.write(tmp_path, "cat", ".png", b"of run 3", names_its_run=True).name == "cat_00004_.png", "its own"
    assert names.write(tmp_path, "cat", ".png", b"of run 1").name == "cat_00005_.png", "it did not say that it may"
    assert len(listing(tmp_path)) == 5


@pytest.mark.parametrize("instances", [1, 2])
def test_nothing_is_overwritten_however_many_write_at_once(tmp_path, instances):
    makers = [NumberedNames() for _ in range(instances)]
    together = threading.Barrier(4)
    paths = []

    def write(number):
        together.wait()
        for picture in range(10):
            content = f"{number}.{picture}".encode()
            paths.append((makers[number % instances].write(tmp_path, "cat", ".png", content), content))

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({path for path, _ in paths}) == 40
    assert all(path.read_bytes() == content for path, content in paths)
    assert len(listing(tmp_path)) == 40


def test_a_file_where_the_folder_should_be_is_an_error_and_not_a_wait_for_ever(tmp_path):
    (tmp_path / "pictures").touch()
    for folder in (tmp_path / "pictures", tmp_path / "pictures" / "cats"):
        with pytest.raises(OSError, match="pictures"):
            NumberedNames().write(folder, "cat", ".png", b"")


def test_an_error_of_the_disk_comes_out(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(OSError, match="No space"):
        NumberedNames().write(Path(tmp_path), "cat", ".png", b"")
