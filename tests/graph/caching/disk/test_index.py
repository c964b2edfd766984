"""The index of a cache folder: what is known under a key, for each code version, also while others write."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from graph.caching.disk.filesystem import FileLayer
from graph.caching.disk.index import DiskIndex, WrongFormatError
from graph.caching.disk.transaction import Row
from graph.node_types.context import Artifact
from graph.results.result import RequestedInputs

LAYER = FileLayer()
MARK = b"c" + bytes(16)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "index.sqlite"


@pytest.fixture
def index(path: Path) -> Iterator[DiskIndex]:
    with closing(DiskIndex(path, LAYER)) as found:
        yield found


def add(index: DiskIndex, *keys: bytes, mark: bytes = MARK, node_type: str = "Toy", seconds: float = 1.0) -> None:
    with index.writing() as change:
        change.add_content(mark, 100, b"inline")
        change.add(Row(node_type, (mark,), seconds=seconds), keys, with_values=True)


def test_a_result_is_found_under_each_of_its_keys(index: DiskIndex) -> None:
    made = (Artifact("output", "a.png"), Artifact("temp", "b.png", label="noise level 3"))
    with index.writing() as change:
        change.add_content(MARK, 100, None)
        row = Row("Toy", (MARK,), made, 2.5)
        change.add(row, [b"deep", b"shallow"], with_values=True)
    found = index.find(b"deep")
    assert found is not None
    assert (found.fingerprints, found.artifacts, found.seconds) == ((MARK,), made, 2.5)
    assert (set(found.keys), found.has_values, found.requested) == ({b"deep", b"shallow"}, True, None)
    assert index.find(b"other") is None


def test_a_lazy_question_is_found_too(index: DiskIndex) -> None:
    with index.writing() as change:
        change.add(Row("", requested=RequestedInputs(("then", "else"))), [b"a"])
    found = index.find(b"a")
    assert found is not None
    assert found.requested == RequestedInputs(("then", "else"))


def test_of_another_code_version_nothing_is_found(path: Path, index: DiskIndex) -> None:
    add(index, b"a")
    with closing(DiskIndex(path, LAYER, b"2")) as other:
        assert other.find(b"a") is None
        assert other.keys_after(0) == (0, [])
        add(other, b"a")
        assert other.find(b"a") is not None
    assert index.find(b"a") is not None


def test_new_keys_of_others_are_learned_one_after_the_other(path: Path, index: DiskIndex) -> None:
    with closing(DiskIndex(path, LAYER)) as other:
        add(other, b"a", b"b")
        last, keys = index.keys_after(0)
        assert keys == [b"a", b"b"]
        add(other, b"c")
        assert index.keys_after(last) == (last + 1, [b"c"])
        assert index.keys_after(last + 1) == (last + 1, [])


def test_a_transaction_that_fails_changes_nothing(index: DiskIndex) -> None:
    def fail() -> None:
        with index.writing() as change:
            change.add_content(MARK, 100, None)
            raise ValueError("torn")

    with pytest.raises(ValueError, match="torn"):
        fail()
    assert not index.has_content(MARK)
    assert index.nbytes == 0
    add(index, b"a")
    assert index.nbytes == 100


def test_contents_are_in_the_index_or_in_files(index: DiskIndex) -> None:
    with index.writing() as change:
        change.add_content(b"cin", 5, b"inner")
        change.add_content(b"cfile", 70, None)
    assert index.content(b"cin") == (True, b"inner")
    assert index.content(b"cfile") == (True, None)
    assert index.content(b"cnone") == (False, None)
    assert set(index.contents()) == {b"cin", b"cfile"}
    assert index.contents(in_files=True) == [b"cfile"]
    assert index.nbytes == 75


def test_what_is_held_is_told_by_node_type(index: DiskIndex) -> None:
    add(index, b"a", seconds=2.0)
    add(index, b"b", mark=b"c2", node_type="Other")
    with index.writing() as change:
        change.add(Row("Toy", (b"c3",), seconds=9.0), [b"record only"])
    totals = {total.node_type: (total.results, total.values, total.nbytes, total.seconds) for total in index.totals()}
    assert totals == {"Toy": (2, 1, 100, 2.0), "Other": (1, 1, 100, 1.0)}
    assert index.record_count == 3
    assert index.held > index.nbytes


def test_the_last_calls_are_kept_in_order(index: DiskIndex) -> None:
    with index.writing() as change:
        change.add_calls([(b"%d" % number, str(number)) for number in range(6)], limit=4)
        change.add_calls([(b"2", "2 again")], limit=4)
    assert index.calls(10) == ["3", "4", "5", "2 again"]
    assert index.calls(2) == ["5", "2 again"]


def test_a_row_that_makes_no_sense_is_nothing(index: DiskIndex) -> None:
    add(index, b"a")
    for damage in ("marks = 'x'", "marks = '[5]'", "artifacts = '[[]]'", "seconds = 'long'", "warned = '{}'"):
        add(index, b"a")
        with index.writing() as change:
            change.execute(f"UPDATE results SET {damage}")  # noqa: S608 - from the line above
        assert index.find(b"a") is None, damage


@pytest.mark.parametrize("version", [1, 99])
def test_an_index_of_another_version_is_refused_and_left_as_it_is(path: Path, version: int) -> None:
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as other:
        other.executescript(f"CREATE TABLE t (n); PRAGMA user_version = {version};")
    before = path.read_bytes()
    with pytest.raises(WrongFormatError, match="another version"):
        DiskIndex(path, LAYER)
    assert path.read_bytes()[:100] == before[:100] or sqlite3.connect(path).execute("SELECT * FROM t")


def test_a_file_that_is_gone_or_another_is_not_in_its_place(path: Path, index: DiskIndex) -> None:
    assert index.is_in_place
    path.rename(path.with_name("moved"))
    assert not index.is_in_place
    path.touch()
    assert not index.is_in_place


def test_it_can_be_checked_and_shrunk(index: DiskIndex, path: Path) -> None:
    with index.writing() as change:
        for number in range(200):
            change.add_content(b"c%d" % number, 4_000, bytes(4_000))
        change.clear()
    assert index.check() == ""
    index.shrink()
    with closing(sqlite3.connect(path)) as other:
        assert other.execute("PRAGMA page_count").fetchone()[0] < 50
