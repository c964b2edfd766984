"""What is admitted to the tiers of the cache, and that memory and disk evict by one score."""

import random
import sqlite3

import pytest

from graph.caching.disk.filesystem import FileLayer
from graph.caching.disk.index import DiskIndex
from graph.caching.disk.transaction import Row
from graph.node_types.context import Artifact
from graph.node_types.warnings import NodeWarning, NodeWarnings
from graph.results.result import CONTENT, RECIPE, Result
from graph.results.storage_policy import (
    RECORD_BYTES,
    Sql,
    age_after,
    eviction_score,
    is_expensive,
    should_store_record,
    should_store_values,
)

MODEL = RECIPE + b"model"
PICTURE = CONTENT + b"picture"


@pytest.mark.parametrize(
    ("seconds", "nbytes", "expected"), [(0.02, 10**6, True), (0.019, 10**6, False), (0.0, 0, True)]
)
def test_a_value_is_expensive_from_20_ns_of_work_per_byte(seconds, nbytes, expected):
    assert is_expensive(seconds, nbytes) is expected


@pytest.mark.parametrize(("seconds", "nbytes"), [(0.049, 10), (0.05, 10**7)])
def test_quick_calls_and_large_cheap_values_are_not_stored(seconds, nbytes):
    assert should_store_values(0.05, 10)
    assert not should_store_values(seconds, nbytes)


def test_a_record_is_stored_of_calls_that_took_long_or_have_something_to_show():
    quick = {"seconds": 0.001}
    assert should_store_record(Result((1,), (PICTURE,), seconds=0.01))
    assert not should_store_record(Result((1,), (PICTURE,), **quick))
    assert should_store_record(Result((1,), (PICTURE,), (Artifact("output", "a.png"),), **quick))
    assert should_store_record(Result((1,), (PICTURE,), warned=NodeWarnings((NodeWarning("small"),)), **quick))


@pytest.mark.parametrize("fingerprint", [None, MODEL])
def test_a_result_without_content_fingerprints_is_not_stored(fingerprint):
    assert not should_store_record(Result((1, 2), (PICTURE, fingerprint), seconds=60.0))


def test_the_score_is_work_per_byte_times_hits_plus_age():
    assert eviction_score(3.0, 2, 10.0, 1000) == pytest.approx(3.0 + 2 * 10.0 / 1000)
    assert eviction_score(0.0, 1, 1.0, 1) == eviction_score(0.0, 1, 1.0, RECORD_BYTES), "no value takes less"
    assert eviction_score(0.0, 1, 0.0, 10**6) < eviction_score(0.0, 1, 0.0, 10**5), "the larger one leaves first"


def test_a_tier_ages_with_what_it_evicts_and_never_grows_younger():
    assert age_after(1.0, 2.0) == 2.0
    assert age_after(2.0, 1.0) == 2.0


def test_sqlite_works_out_the_same_scores_as_python():
    chance = random.Random(9)  # noqa: S311 - not for secrets
    entries = [
        (chance.uniform(0, 10), chance.randint(1, 10**4), max(0.0, chance.gauss(1)), int(2 ** chance.uniform(0, 33)))
        for _ in range(2_000)
    ]
    database = sqlite3.connect(":memory:")
    database.execute("CREATE TABLE entries (age REAL, hits INTEGER, seconds REAL, bytes INTEGER)")
    database.executemany("INSERT INTO entries VALUES (?, ?, ?, ?)", entries)
    expression = eviction_score(Sql("age"), Sql("hits"), Sql("seconds"), Sql("bytes")).text
    rows = database.execute(f"SELECT {expression} FROM entries ORDER BY rowid").fetchall()  # noqa: S608 - from above
    assert [row[0] for row in rows] == [pytest.approx(eviction_score(*entry), rel=1e-12) for entry in entries]


def test_the_disk_index_evicts_in_the_order_of_the_scores(tmp_path):
    chance = random.Random(5)  # noqa: S311 - not for secrets
    index = DiskIndex(tmp_path / "index.sqlite", FileLayer())
    expected: dict[bytes, float] = {}
    with index.writing() as change:
        for number in range(200):
            fingerprint, key = CONTENT + number.to_bytes(16), number.to_bytes(16)
            seconds, nbytes, hits = chance.expovariate(1), chance.randint(1, 10**7), chance.randint(1, 4)
            change.add_content(fingerprint, nbytes, b"")
            change.add(Row("Toy", (fingerprint,), seconds=seconds), [key], with_values=True)
            for _ in range(hits - 1):
                change.touch(key)
            expected[fingerprint] = eviction_score(0.0, hits, seconds, nbytes)
    with index.writing() as change:
        evicted = [bytes(each) for each in change.make_room(RECORD_BYTES * 200, 1_000)]
    index.close()
    assert evicted == sorted(expected, key=expected.__getitem__)
