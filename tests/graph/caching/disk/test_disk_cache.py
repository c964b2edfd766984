"""The disk tier: what goes there, and that trouble of every kind is a miss, told once, and never a wrong value."""

import logging
import os
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest

from graph.caching.disk.cache_folder import PAUSE_SECONDS
from graph.caching.disk.writer import DiskWriter
from graph.node_types.context import Artifact
from graph.results.result import RECIPE, Result
from tests.support.disk_work import CODECS, Clock, blobs, check, count_steps, keep, large, open_disk, values_of, work
from tests.support.failing_disk import FailingDisk
from tests.support.toy_arrays import MARKS, ToyArray, result, zeros

ROOT = Path(__file__).resolve().parents[4]


@pytest.fixture
def disk(tmp_path):
    disk = open_disk(tmp_path)
    yield disk
    disk.close()


def set_aside(folder):
    return sorted(path.name.split("-", 1)[1] for path in (folder / "cache" / "set-aside").glob("*"))


# --- what goes there


@pytest.mark.parametrize(
    ("kept", "found"),
    [
        (large(seconds=0.06), "values"),
        (large(seconds=0.04), "record"),
        (large(seconds=0.005), None),
        (result(ToyArray(b"x" * 2_000_000), seconds=0.06), "values"),
        (result(ToyArray(b"x" * 5_000_000), seconds=0.06), "record"),
        (result("a short text", seconds=0.06), "values"),
        (Result((), (), (Artifact("output", "a.png"),), 0.0), "values"),
        (Result((), (), (), 0.0), None),
        (Result((), (), (), 0.02), "values"),
        (Result((object(),), (RECIPE + b"x" * 16,), (), 9.0), None),
        (Result((object(), 1), (None, MARKS.of(1)), (), 9.0), None),
        (result(zeros(3_000_000), seconds=1.0), "record"),
    ],
    ids=[
        "dear", "too cheap for its values", "too cheap for anything", "large and dear",
        "large and not dear for its bytes", "small", "something to look at", "nothing",
        "an effect that took a while", "a model handle", "partly unknown", "more than a quarter of the budget",
    ],
)  # fmt: skip
def test_what_goes_to_disk(tmp_path, kept, found):
    disk = open_disk(tmp_path, max_bytes=10**7)
    values = kept.values
    keep(disk, b"a", kept)
    got = values_of(disk, b"a")
    assert ("values" if got == values else got) == found
    disk.close()


def test_only_large_values_are_files_and_equal_ones_are_one(disk, tmp_path):
    keep(disk, b"a", result("small", [1, 2, 3]))
    assert blobs(tmp_path) == []
    keep(disk, b"b", large())
    keep(disk, b"c", result(ToyArray(b"x" * 20_000), ToyArray(b"x" * 20_000), "more"))
    assert len(blobs(tmp_path)) == 1
    assert blobs(tmp_path)[0].stem == MARKS.of(ToyArray(b"x" * 20_000))[1:].hex()


def test_a_result_says_that_it_is_on_disk_once_it_is(disk):
    kept = large()
    assert not kept.on_disk
    keep(disk, b"a", kept)
    assert kept.on_disk


def test_what_is_stored_is_not_written_again(tmp_path):
    layer = FailingDisk()
    disk = open_disk(tmp_path, layer=layer)
    kept = large()
    for _ in range(3):
        keep(disk, b"a", kept)
        keep(disk, b"a", large())
    assert layer.done["create"] == 1
    disk.close()


def test_of_what_does_not_fit_into_the_queue_the_record_is_stored_and_it_is_counted(tmp_path):
    gate = threading.Event()

    class Slow(FailingDisk):
        def create(self, path):
            assert gate.wait(20)
            return super().create(path)

    disk = open_disk(tmp_path, layer=Slow(), pending_bytes=50_000)
    for letter in b"abcd":
        disk.keep([bytes([letter])], large(bytes([letter])), "Toy")
    gate.set()
    disk.flush()
    assert [values_of(disk, key) == "record" for key in (b"a", b"b", b"c", b"d")] == [False, False, True, True]
    assert disk.statistics().dropped == 2
    disk.close()


def test_a_value_that_is_larger_than_the_queue_is_stored_when_nothing_else_waits(tmp_path):
    disk = open_disk(tmp_path, pending_bytes=10_000)
    keep(disk, b"a", large())
    assert values_of(disk, b"a") == large().values
    disk.close()


# --- bounds


def test_values_stay_within_the_bytes_and_leave_their_records(tmp_path):
    disk = open_disk(tmp_path, max_bytes=400_000)
    for number in range(40):
        keep(disk, b"%d" % number, large(b"%02d" % number, 10_000))
        assert sum(path.stat().st_size for path in blobs(tmp_path)) <= 400_000
    assert values_of(disk, b"0") == "record"
    assert values_of(disk, b"39") == (ToyArray(b"39" * 10_000),)
    disk.close()


def test_of_two_the_one_that_was_dearer_or_used_more_stays(tmp_path):
    disk = open_disk(tmp_path, max_bytes=200_000)
    keep(disk, b"dear", large(b"d", 40_000, seconds=9.0))
    keep(disk, b"used", large(b"u", 40_000, seconds=1.0))
    keep(disk, b"plain", large(b"p", 40_000, seconds=1.0))
    for _ in range(5):
        assert values_of(disk, b"used") != "record"
    disk.flush()
    keep(disk, b"a", large(b"a", 40_000, seconds=2.0))
    keep(disk, b"b", large(b"b", 40_000, seconds=2.0))
    left = [key for key in (b"dear", b"used", b"plain") if values_of(disk, key) not in ("record", None)]
    assert left == [b"dear", b"used"]
    disk.close()


def test_a_content_stays_while_any_result_uses_it(tmp_path):
    disk = open_disk(tmp_path, max_bytes=200_000)
    keep(disk, b"dear", result(ToyArray(b"s" * 30_000), "one", seconds=50.0))
    keep(disk, b"cheap", result(ToyArray(b"s" * 30_000), "two", seconds=0.1))
    for letter in b"abcdefg":
        keep(disk, bytes([letter]), large(bytes([letter]), 30_000))
    assert values_of(disk, b"cheap") == "record"
    assert values_of(disk, b"dear") == (ToyArray(b"s" * 30_000), "one")
    disk.close()


def test_keys_are_bounded_and_those_that_are_used_stay(tmp_path):
    disk = open_disk(tmp_path, max_bytes=480_000)  # an eighth pays for 100
    keep(disk, b"favourite", result("f"))
    for number in range(400):
        disk.keep([b"%d" % number], result(f"value {number}"), "Toy")
        if number % 50 == 0:
            disk.flush()
            assert values_of(disk, b"favourite") == ("f",)
            disk.flush()
    disk.flush()
    assert disk.statistics().results <= 100
    assert values_of(disk, b"399") == ("value 399",)
    assert values_of(disk, b"3") is None
    disk.close()


def test_calls_are_bounded(disk, monkeypatch):
    monkeypatch.setattr("graph.caching.disk.writer.MOST_CALLS", 5)
    for number in range(20):
        disk.keep_calls([(b"%d" % number, f"call {number}")])
    disk.keep_calls([(b"17", "call 17")])
    disk.flush()
    assert disk.calls() == ["call 15", "call 16", "call 18", "call 19", "call 17"]


# --- damage


def damage(path, how):
    data = bytearray(path.read_bytes())
    if how == "truncated":
        data = data[: len(data) // 2]
    elif how == "empty":
        data = bytearray()
    elif how == "flipped in the values":
        data[-100] ^= 1
    elif how == "flipped in the header":
        data[20] ^= 1
    elif how == "of another value":
        data = bytearray(data.replace(b"y" * 100, b"z" * 100))
    path.write_bytes(data)


@pytest.mark.parametrize(
    "how", ["truncated", "empty", "flipped in the values", "flipped in the header", "of another value"]
)
def test_a_damaged_file_is_a_miss_and_is_set_aside(tmp_path, how, caplog):
    disk = open_disk(tmp_path)
    keep(disk, b"a", large(b"y"))
    keep(disk, b"b", large(b"w"))
    path = Path(disk.folder.blobs.path(MARKS.of(ToyArray(b"y" * 20_000))))
    damage(path, how)
    with caplog.at_level(logging.WARNING):
        assert values_of(disk, b"a") == "record"
    assert "damaged" in caplog.text
    assert set_aside(tmp_path) == [path.name]
    disk.flush()
    assert disk.find(b"a")[1].on_disk is False
    assert values_of(disk, b"b") == (ToyArray(b"w" * 20_000),)
    keep(disk, b"a", large(b"y"))
    assert values_of(disk, b"a") == (ToyArray(b"y" * 20_000),)
    assert disk.verify().damaged == ()
    disk.close()


def test_damage_inside_of_the_index_is_a_miss_too(disk, tmp_path):
    keep(disk, b"a", result("a short text"))
    with sqlite3.connect(tmp_path / "cache" / "index.sqlite") as index:
        index.execute("UPDATE contents SET inline = CAST(replace(inline, 'short', 'shirt') AS BLOB)")
    index.close()
    assert values_of(disk, b"a") == "record"


@pytest.mark.parametrize(
    ("column", "value"), [("marks", "[nonsense"), ("marks", '["xy"]'), ("artifacts", "[[1]]"), ("seconds", "long")]
)
def test_a_row_that_makes_no_sense_is_a_miss(disk, tmp_path, column, value):
    keep(disk, b"a", result("a short text"))
    with sqlite3.connect(tmp_path / "cache" / "index.sqlite") as index:
        index.execute(f"UPDATE results SET {column} = ?", (value,))  # noqa: S608 - names from above
    index.close()
    assert values_of(disk, b"a") is None
    keep(disk, b"a", result("a short text"))
    assert values_of(disk, b"a") == ("a short text",)


def test_a_file_that_is_gone_is_a_miss(disk, tmp_path):
    keep(disk, b"a", large())
    blobs(tmp_path)[0].unlink()
    assert values_of(disk, b"a") == "record"
    assert set_aside(tmp_path) == []
    disk.flush()
    assert disk.verify().damaged == ()


def test_verify_reads_everything_names_what_is_wrong_and_sets_it_aside(disk, tmp_path):
    for letter in b"abc":
        keep(disk, bytes([letter]), large(bytes([letter])))
    keep(disk, b"small", result("text"))
    assert (disk.verify().values, disk.verify().damaged) == (4, ())
    path = blobs(tmp_path)[1]
    damage(path, "flipped in the values")
    found = disk.verify()
    assert found.values == 4
    assert len(found.damaged) == 1
    assert path.name in found.damaged[0]
    assert set_aside(tmp_path) == [path.name]
    assert (disk.verify().values, disk.verify().damaged) == (3, ())


def test_only_the_last_few_that_were_set_aside_stay(disk, tmp_path):
    for number in range(15):
        keep(disk, b"%d" % number, large(b"%02d" % number))
        damage(blobs(tmp_path)[0], "empty")
        assert values_of(disk, b"%d" % number) == "record"
        disk.flush()
    assert len(set_aside(tmp_path)) == 10


def test_of_what_was_set_aside_no_more_bytes_stay_than_a_few(disk, tmp_path, monkeypatch):
    monkeypatch.setattr("graph.caching.disk.blob_store.MOST_SET_ASIDE", 50_000)
    for number in range(5):
        keep(disk, b"%d" % number, large(b"%02d" % number))
        damage(blobs(tmp_path)[0], "flipped in the values")
        assert values_of(disk, b"%d" % number) == "record"
        disk.flush()
    assert len(set_aside(tmp_path)) == 1  # of 40,000 bytes each


def test_an_array_that_nothing_here_can_read_stays_for_others(tmp_path):
    disk = open_disk(tmp_path)
    keep(disk, b"a", large())
    disk.close()
    without = open_disk(tmp_path, codecs=[])
    assert values_of(without, b"a") == "record"
    assert without.verify().unreadable == 1
    without.close()
    again = open_disk(tmp_path)
    assert values_of(again, b"a") == (ToyArray(b"x" * 20_000),)
    again.close()


@pytest.mark.parametrize("what", [b"", b"this is no database, and it is longer than a header" * 100])
def test_an_index_that_is_none_is_set_aside_and_begun_anew(tmp_path, what, caplog):
    disk = open_disk(tmp_path)
    keep(disk, b"a", large())
    disk.close()
    (tmp_path / "cache" / "index.sqlite").write_bytes(what)
    disk = open_disk(tmp_path)
    assert values_of(disk, b"a") is None
    keep(disk, b"a", large())
    assert values_of(disk, b"a") == (ToyArray(b"x" * 20_000),)
    assert ("index.sqlite" in set_aside(tmp_path)) == ("set aside" in caplog.text) == bool(what)
    disk.close()


def test_an_index_that_breaks_in_the_middle_of_the_work_is_begun_anew(tmp_path, caplog):
    clock = Clock()
    disk = open_disk(tmp_path, clock=clock)
    for number in range(300):
        disk.keep([b"%d" % number], result(f"value {number}"), "Toy")
    disk.flush()
    path = tmp_path / "cache" / "index.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    data = bytearray(path.read_bytes())
    data[4096:] = b"\xaa" * (len(data) - 4096)
    path.write_bytes(data)
    for _ in range(3):
        assert all(values_of(disk, b"%d" % number) in (None, "record", (f"value {number}",)) for number in range(300))
    keep(disk, b"new", large())
    if values_of(disk, b"new") is None:  # the trouble was noticed only by writing
        clock.skip()
        keep(disk, b"new", large())
    assert values_of(disk, b"new") == (ToyArray(b"x" * 20_000),)
    assert "started anew" in caplog.text
    assert [told.split(":")[0] for told in disk.verify().damaged] == ["the index"]
    assert disk.verify().damaged == ()
    disk.close()


def test_a_folder_of_another_version_is_set_aside(tmp_path):
    disk = open_disk(tmp_path)
    keep(disk, b"a", large())
    disk.close()
    with sqlite3.connect(tmp_path / "cache" / "index.sqlite") as index:
        index.execute("PRAGMA user_version = 999")
    index.close()
    disk = open_disk(tmp_path)
    assert values_of(disk, b"a") is None
    assert "index.sqlite" in set_aside(tmp_path)
    keep(disk, b"b", large(b"b"))
    assert len(blobs(tmp_path)) == 1, "files that the new index does not know are swept away"
    disk.close()


# --- trouble with the disk


@pytest.mark.parametrize("once", [True, False], ids=["once", "from there on"])
@pytest.mark.parametrize("step", ["create", "write", "sync", "rename", "remove", "sync_folder"])
@pytest.mark.long
def test_whichever_step_fails_nothing_raises_and_nothing_wrong_is_found(tmp_path, step, once):
    times = count_steps(tmp_path)[step]
    assert times >= 4
    for number in range(1, times + 1):
        folder = tmp_path / f"{number}"
        disk = open_disk(folder, max_bytes=100_000, layer=FailingDisk(step, number, once=once), clock=lambda: 0.0)
        right = work(disk)
        disk.close()
        check(folder, right)


@pytest.mark.long
def test_whichever_statement_of_the_index_fails_nothing_raises_and_nothing_wrong_is_found(tmp_path):
    times = count_steps(tmp_path)["sql"]
    for number in range(1, times + 1, 5):
        folder = tmp_path / f"{number}"
        disk = open_disk(folder, max_bytes=100_000, layer=FailingDisk("sql", number, once=True))
        right = work(disk, rounds=6)
        disk.close()
        check(folder, right)


def test_a_full_disk_is_told_once_and_tried_again_after_a_while(tmp_path, caplog):
    now = 0.0
    layer = FailingDisk("create", 1)
    disk = open_disk(tmp_path, layer=layer, clock=lambda: now)
    for number in range(5):
        keep(disk, b"%d" % number, large(b"%02d" % number))
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "No space left" in caplog.text
    assert layer.done["create"] == 1, "while it pauses, nothing is tried"
    layer.step, now = "none", PAUSE_SECONDS
    keep(disk, b"later", large())
    assert values_of(disk, b"later") == (ToyArray(b"x" * 20_000),)
    layer.step = "create"
    keep(disk, b"again", large(b"y"))
    assert len(caplog.records) == 2, "after it worked, trouble is news"
    disk.close()


def test_an_index_that_may_not_grow_is_like_a_full_disk(tmp_path, caplog):
    clock = Clock()
    disk = open_disk(tmp_path, clock=clock)
    keep(disk, b"a", result("before"))
    with disk.folder.index.writing() as change:
        pages = change.execute("PRAGMA page_count").fetchone()[0]
        change.execute(f"PRAGMA max_page_count = {pages}").fetchone()
    for number in range(30):
        clock.skip()
        keep(disk, b"%d" % number, result("x" * 3000 + str(number)))
    assert "full" in caplog.text
    assert values_of(disk, b"a") == ("before",)
    disk.close()


def test_a_folder_that_cannot_be_made_is_told_once_and_nothing_else_happens(tmp_path, caplog):
    (tmp_path / "cache").write_text("a file in its place")
    disk = open_disk(tmp_path)
    right = work(disk)
    assert all(values_of(disk, key) is None for key in right)
    assert len(caplog.records) == 1
    assert disk.statistics().problem != ""
    assert disk.verify().values == disk.clear() == 0
    disk.close()


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written_is_told_once(tmp_path, caplog):
    (tmp_path / "cache").mkdir(mode=0o500)
    disk = open_disk(tmp_path)
    work(disk)
    assert len(caplog.records) == 1
    disk.close()


# --- several processes

WRITER = """
import sys
from pathlib import Path
from tests.support.disk_work import open_disk, values_of
from tests.support.toy_arrays import ToyArray, result
start, folder = int(sys.argv[1]), Path(sys.argv[2])
disk = open_disk(folder, max_bytes=300_000)
for number in range(start, start + 60):
    content = number % 80
    disk.keep([b"%d" % content], result(ToyArray(b"%02d" % content * 10_000)), "Toy")
    other = (number * 7) % 80
    assert values_of(disk, b"%d" % other) in (None, "record", (ToyArray(b"%02d" % other * 10_000),)), other
    if number % 10 == 0:
        disk.flush()
disk.close()
"""


@pytest.mark.process
def test_several_processes_may_write_and_let_go_at_once(tmp_path):
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(start), str(tmp_path)], cwd=ROOT, env=environment,
            stderr=subprocess.PIPE, text=True,
        )
        for start in (0, 30, 60)
    ]  # fmt: skip
    errors = [writer.communicate(timeout=100)[1] for writer in writers]
    assert errors == ["", "", ""]
    disk = open_disk(tmp_path, max_bytes=300_000)
    found = [values_of(disk, b"%d" % number) for number in range(80)]
    assert sum(values not in (None, "record") for values in found) >= 5
    assert all(
        values in (None, "record", (ToyArray(b"%02d" % number * 10_000),)) for number, values in enumerate(found)
    )
    assert disk.verify().damaged == ()
    assert sum(path.stat().st_size for path in blobs(tmp_path)) <= 300_000
    disk.close()


def test_a_file_that_another_process_stored_again_meanwhile_is_not_deleted(disk, tmp_path):
    keep(disk, b"a", large())
    mark = MARKS.of(ToyArray(b"x" * 20_000))
    DiskWriter(disk.folder, CODECS, 10**7).remove([mark], disk.folder.index)
    assert values_of(disk, b"a") == (ToyArray(b"x" * 20_000),)


def test_a_file_that_another_process_swept_away_before_its_row_was_written_is_written_again(tmp_path):
    class Swept(FailingDisk):
        def rename(self, source, target):
            super().rename(source, target)
            if self.done["rename"] == 1:
                target.unlink()

    disk = open_disk(tmp_path, layer=Swept())
    keep(disk, b"a", large())
    assert values_of(disk, b"a") == (ToyArray(b"x" * 20_000),)
    disk.close()


def test_what_another_process_let_go_is_a_miss(tmp_path):
    one, two = open_disk(tmp_path), open_disk(tmp_path)
    keep(one, b"a", large())
    assert values_of(two, b"a") is not None
    one.clear()
    assert two.knows(b"a")
    assert values_of(two, b"a") is None
    assert not two.knows(b"a")
    one.close()
    two.close()


def test_clearing_says_what_it_freed_and_leaves_no_file(disk, tmp_path):
    keep(disk, b"a", large())
    keep(disk, b"b", result("text"))
    assert 20_000 < disk.clear() < 21_000
    assert blobs(tmp_path) == []
    assert disk.statistics().results == 0


def test_totals_tell_what_is_held_by_node_type(disk):
    keep(disk, b"a", large(b"a", seconds=2.0), "VAEDecode")
    keep(disk, b"b", large(b"b", seconds=3.0), "VAEDecode")
    keep(disk, b"c", result("text", seconds=0.02), "Prompt")
    keep(disk, b"d", Result((), (), (Artifact("output", "a.png"),), 1.0), "SaveImage")
    assert [(item.node_type, item.results, item.values, round(item.seconds, 3)) for item in disk.totals()] == [
        ("VAEDecode", 2, 2, 5.0), ("Prompt", 1, 0, 0.0), ("SaveImage", 1, 0, 0.0)
    ]  # fmt: skip
    assert disk.totals()[0].nbytes > 40_000


def test_each_edition_finds_its_own_and_equal_values_are_stored_once(tmp_path):
    one, other = open_disk(tmp_path, code_version=b"1"), open_disk(tmp_path, code_version=b"2")
    keep(one, b"a", large(b"one"))
    assert values_of(other, b"a") is None
    keep(other, b"a", large(b"other"))
    keep(other, b"b", large(b"one"))
    for _ in range(2):
        assert (values_of(one, b"a"), values_of(one, b"b")) == (large(b"one").values, None)
        assert (values_of(other, b"a"), values_of(other, b"b")) == (large(b"other").values, large(b"one").values)
        one.flush()
    assert len(blobs(tmp_path)) == 2
    assert one.find(b"a")[0] == (b"a",)
    one.close()
    other.close()
