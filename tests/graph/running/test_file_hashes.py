"""A file is read once while it does not change, in the background if it can be; whoever waits can be cancelled."""

import hashlib
import os
import threading

import pytest

import graph.running.file_hashes as module
from graph.node_types.context import CancelledError
from graph.running.file_hashes import FileHashes


class Store:
    """Keeps hashes by name, and counts what is asked."""

    def __init__(self):
        self.kept = {}
        self.asked = 0
        self.changed = threading.Event()

    def known_sha256(self, path):
        self.asked += 1
        return self.kept.get(path.name, "")

    def keep_sha256(self, path, sha256):
        self.kept[path.name] = sha256
        self.changed.set()


@pytest.fixture
def read(monkeypatch):
    """The names of the files that are read, in order."""
    found, opened = [], module.open_plain
    monkeypatch.setattr(module, "open_plain", lambda path: found.append(path.name) or opened(path))
    return found


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def test_a_file_is_read_again_only_when_it_changed(tmp_path, read):
    path, hashes = tmp_path / "model", FileHashes()
    path.write_bytes(b"1")
    assert hashes.sha256(path) == hashes.sha256(path) == sha256(b"1")
    assert len(read) == 1
    path.write_bytes(b"12")
    assert hashes.sha256(path) == sha256(b"12")
    assert len(read) == 2
    hashes.close()


def test_the_hash_of_a_folder_covers_the_names_and_the_contents(tmp_path):
    hashes = FileHashes()

    def folder(name, **contents):
        for file, content in contents.items():
            (tmp_path / name / "unet").mkdir(parents=True, exist_ok=True)
            (tmp_path / name / "unet" / file).write_bytes(content)
        return hashes.sha256(tmp_path / name)

    found = [folder("a", x=b"1", y=b"2"), folder("b", x=b"2", y=b"1"), folder("c", x=b"1", z=b"2"), folder("d", x=b"1")]
    assert len(set(found)) == 4
    assert folder("e", y=b"2", x=b"1") == found[0], "the name of the folder itself does not count"
    hashes.close()


def test_what_is_begun_in_the_background_is_kept_for_other_processes(tmp_path, read):
    store = Store()
    (tmp_path / "model").write_bytes(b"weights")
    hashes = FileHashes(store)
    hashes.begin([tmp_path / "model", tmp_path / "gone"])
    assert store.changed.wait(30)
    assert store.kept == {"model": sha256(b"weights")}
    assert hashes.sha256(tmp_path / "model") == sha256(b"weights")
    assert FileHashes(store).sha256(tmp_path / "model") == sha256(b"weights")
    assert read == ["model"]
    hashes.close()


def test_a_file_that_changes_while_it_is_read_is_not_kept(tmp_path, monkeypatch):
    store, path, opened = Store(), tmp_path / "model", module.open_plain
    path.write_bytes(b"before")
    seen = []

    def changing(place):
        file = opened(place)
        if not seen:
            seen.append(place)
            path.write_bytes(b"and afterwards")
        return file

    monkeypatch.setattr(module, "open_plain", changing)
    hashes = FileHashes(store)
    hashes.sha256(path)
    assert hashes.sha256(path) == sha256(b"and afterwards")
    assert store.kept == {"model": sha256(b"and afterwards")}
    hashes.close()


class Endless:
    """A file that never ends; reading it waits until it is let go on."""

    def __init__(self):
        self.reached = threading.Event()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def read(self, _):
        self.reached.set()
        return b"x"


@pytest.fixture
def endless(monkeypatch):
    file, opened = Endless(), module.open_plain
    monkeypatch.setattr(module, "open_plain", lambda path: file if path.name == "endless" else opened(path))
    return file


def test_who_waits_can_be_cancelled_and_the_end_of_all_stops_in_the_middle_of_a_file(tmp_path, endless):
    (tmp_path / "endless").touch()
    hashes = FileHashes()
    asked = []
    with pytest.raises(CancelledError):
        hashes.sha256(tmp_path / "endless", lambda: len(asked) > 1 or asked.append(1))
    assert endless.reached.wait(30)
    hashes.close()
    with pytest.raises(CancelledError):
        hashes.sha256(tmp_path / "endless")


def test_what_somebody_waits_for_comes_before_what_was_only_begun(tmp_path, monkeypatch, read):
    go_on, reached, waits = threading.Event(), threading.Event(), threading.Event()
    first, others = tmp_path / "0", [tmp_path / str(number) for number in range(1, 5)]
    for path in (first, *others):
        path.write_bytes(path.name.encode())
    counted = module.open_plain

    def opening(path):
        if path == first:
            reached.set()
            assert go_on.wait(30)
        return counted(path)

    monkeypatch.setattr(module, "open_plain", opening)
    hashes = FileHashes()
    hashes.begin([first, *others])
    assert reached.wait(30)
    waiter = threading.Thread(target=hashes.sha256, args=(others[-1], lambda: waits.set() or False))
    waiter.start()
    assert waits.wait(30)
    go_on.set()
    waiter.join(30)
    assert read[:2] == ["0", "4"]
    hashes.close()


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="rights of POSIX")
def test_a_file_that_cannot_be_read_is_an_error(tmp_path):
    (tmp_path / "secret").touch(mode=0)
    with pytest.raises(PermissionError):
        FileHashes().sha256(tmp_path / "secret")


def test_a_file_that_is_gone_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        FileHashes().sha256(tmp_path / "gone")


def test_an_error_while_reading_comes_out_and_is_not_remembered(tmp_path, monkeypatch):
    path, opened = tmp_path / "model", module.open_plain
    path.write_bytes(b"1")

    def fails(_):
        raise OSError(5, "Input/output error")

    hashes = FileHashes()
    monkeypatch.setattr(module, "open_plain", fails)
    with pytest.raises(OSError, match="Input/output error"):
        hashes.sha256(path)
    monkeypatch.setattr(module, "open_plain", opened)
    assert hashes.sha256(path) == sha256(b"1")
    hashes.close()
