"""What may be done to the index at once: adding, letting go, making room; what nothing uses any more is named."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from graph.caching.disk.filesystem import FileLayer
from graph.caching.disk.index import DiskIndex
from graph.caching.disk.transaction import Change, Row
from graph.results.storage_policy import RECORD_BYTES


@pytest.fixture
def index(tmp_path: Path) -> Iterator[DiskIndex]:
    with closing(DiskIndex(tmp_path / "index.sqlite", FileLayer())) as found:
        yield found


@pytest.fixture
def change(index: DiskIndex) -> Iterator[Change]:
    with index.writing() as found:
        yield found


def add(change: Change, key: bytes, *marks: bytes, nbytes: int = 1_000, seconds: float = 1.0) -> list[bytes]:
    for mark in marks:
        change.add_content(mark, nbytes, None)
    return change.add(Row("Toy", marks, seconds=seconds), [key], with_values=True)


def contents(change: Change) -> set[bytes]:
    return {bytes(row[0]) for row in change.execute("SELECT mark FROM contents")}


def with_values(change: Change) -> set[bytes]:
    rows = change.execute("SELECT key FROM keys JOIN results ON result = results.id WHERE has_values")
    return {bytes(row[0]) for row in rows}


def test_equal_results_are_one_and_the_longer_time_counts(change: Change) -> None:
    add(change, b"a", b"c1", seconds=1.0)
    add(change, b"b", b"c1", seconds=3.0)
    add(change, b"c", b"c1", seconds=2.0)
    assert change.execute("SELECT count(*), max(seconds) FROM results").fetchone() == (1, 3.0)


def test_a_key_that_moves_lets_go_what_nothing_else_uses(change: Change) -> None:
    add(change, b"a", b"c1", b"shared")
    add(change, b"b", b"c2", b"shared")
    assert add(change, b"a", b"c3") == [b"c1"]
    assert contents(change) == {b"c2", b"c3", b"shared"}


def test_a_content_that_is_damaged_takes_the_values_of_all_that_used_it(change: Change) -> None:
    add(change, b"a", b"c1", b"shared")
    add(change, b"b", b"c2", b"shared")
    add(change, b"c", b"c3")
    assert set(change.drop_content(b"shared")) == {b"shared", b"c1", b"c2"}
    assert with_values(change) == {b"c"}
    assert change.execute("SELECT count(*) FROM results").fetchone() == (3,), "their records stay"
    assert change.drop_content(b"never was") == [b"never was"]


def test_values_that_were_cheap_for_their_bytes_go_first(change: Change) -> None:
    add(change, b"cheap", b"c1", nbytes=10_000, seconds=1.0)
    add(change, b"dear", b"c2", nbytes=10_000, seconds=9.0)
    add(change, b"small", b"c3", nbytes=1_000, seconds=1.0)
    assert change.make_room(15_000, 100) == [b"c1"]
    assert with_values(change) == {b"dear", b"small"}


def test_what_is_asked_for_stays_longer(change: Change) -> None:
    add(change, b"a", b"c1", seconds=1.0)
    add(change, b"b", b"c2", seconds=1.5)
    for _ in range(3):
        change.touch(b"a")
    change.touch(b"unknown")
    assert change.make_room(1_400 + 2 * RECORD_BYTES, 100) == [b"c2"]
    assert with_values(change) == {b"a"}


def test_what_fits_is_left_alone(change: Change) -> None:
    add(change, b"a", b"c1")
    assert change.make_room(10**6, 100) == []
    assert with_values(change) == {b"a"}


def test_of_too_many_keys_the_oldest_go_and_a_result_with_its_last_one(change: Change) -> None:
    for number in range(5):
        add(change, b"%d" % number, b"c%d" % number)
    change.touch(b"0")
    assert set(change.make_room(10**6, 3)) == {b"c1", b"c2"}
    assert with_values(change) == {b"0", b"3", b"4"}
    assert change.execute("SELECT count(*) FROM results").fetchone() == (3,)


def test_clearing_lets_numbers_go_on(change: Change, index: DiskIndex) -> None:
    add(change, b"a", b"c1")
    last = change.execute("SELECT max(number) FROM keys").fetchone()[0]
    change.clear()
    assert contents(change) == set()
    assert change.execute("SELECT sum(amount) FROM totals").fetchone() == (0,)
    add(change, b"b", b"c2")
    assert change.execute("SELECT max(number) FROM keys").fetchone()[0] > last


def test_a_content_is_added_once(change: Change) -> None:
    change.add_content(b"c1", 100, None)
    change.add_content(b"c1", 100, None)
    assert change.has_content(b"c1")
    assert change.execute("SELECT amount FROM totals WHERE name = 'bytes'").fetchone() == (100,)
