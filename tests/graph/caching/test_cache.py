"""The cache of an engine: what it owes with any tiers, and how memory and disk work together."""

from graph.caching.cache import Cache
from graph.caching.call_history import FORGOTTEN, Part
from graph.caching.disk.disk_cache import DiskCache
from graph.caching.disk.writer import MOST_CALLS
from graph.caching.memory_cache import MemoryCache
from graph.results.result import Result
from tests.support.cache_contract import CacheContract
from tests.support.toy_arrays import ToyArray, ToyArrays, result, zeros

CODECS = [ToyArrays()]


def open_cache(folder, memory=10**6, disk=10**6):
    return Cache(MemoryCache(memory, CODECS), DiskCache(folder / "cache", disk, CODECS))


class TestMemoryAlone(CacheContract):
    def open(self, folder):
        return Cache(MemoryCache(10**6, CODECS))


class TestDiskAlone(CacheContract):
    """A memory without a budget: everything comes from the disk."""

    def open(self, folder):
        return open_cache(folder, memory=0)


class TestBoth(CacheContract):
    def open(self, folder):
        return open_cache(folder)


class TestLittleMemoryBeforeADisk(CacheContract):
    """Room for records and hardly a value."""

    def open(self, folder):
        return open_cache(folder, memory=30_000)


def test_a_result_comes_back_after_a_restart_with_all_of_its_keys(tmp_path):
    first = open_cache(tmp_path)
    first.keep([b"deep", b"shallow"], result(ToyArray(b"x" * 9000)), node_type="Toy")
    first.close()
    second = open_cache(tmp_path)
    found = second.find(b"deep")
    assert (found.values, found.on_disk, found.seconds) == (None, True, 1.0)
    assert second.find(b"shallow") is found
    assert second.values(found) == (ToyArray(b"x" * 9000),)
    assert found.values == (ToyArray(b"x" * 9000),)
    second.close()


def test_a_result_that_is_found_under_another_key_later_is_the_same_object(tmp_path):
    first = open_cache(tmp_path)
    first.keep([b"a"], result(ToyArray(b"x" * 9000)), node_type="Toy")
    first.close()
    second, third = open_cache(tmp_path), open_cache(tmp_path)
    found = second.find(b"a")
    third.keep([b"b"], third.find(b"a"), node_type="Toy")
    third.close()
    assert second.find(b"b") is None
    second.refresh()
    assert second.find(b"b") is found
    second.close()


def test_values_that_memory_let_go_are_read_again(tmp_path):
    cache = open_cache(tmp_path, memory=100_000)
    cache.keep([b"a"], kept := result(ToyArray(b"x" * 60_000)), node_type="Toy")
    cache.flush()
    cache.keep([b"b"], result(zeros(60_000), seconds=100), node_type="Toy")
    assert kept.values is None
    assert cache.find(b"a") is kept
    assert cache.values(kept) == (ToyArray(b"x" * 60_000),)
    assert cache.statistics().nbytes <= 100_000
    cache.close()


def test_a_record_whose_values_are_gone_everywhere_says_so(tmp_path):
    cache = open_cache(tmp_path, memory=0)
    found = Result(None, (b"c" + b"x" * 16,), on_disk=True)
    assert cache.values(found) is None
    assert found.on_disk is False
    cache.close()


def test_the_calls_of_before_a_restart_are_remembered(tmp_path):
    parts = {"radius": Part(b"2", "2"), "image": Part(b"x", "output of 7", "7")}
    first = open_cache(tmp_path)
    first.history.remember("Blur", "1", b"v1", parts)
    first.close()
    second = open_cache(tmp_path)
    assert second.history.reason("Blur", "1", b"v1", parts) is FORGOTTEN
    reason = second.history.reason("Blur", "1", b"v1", {**parts, "radius": Part(b"3", "3")})
    assert reason.message == "changed: radius (2 -> 3)"
    second.clear()
    assert second.history.reason("Blur", "1", b"v1", parts).code == "new"
    second.close()


def test_the_calls_are_written_with_the_results_of_a_process_that_never_closes(tmp_path):
    first = open_cache(tmp_path)
    first.history.remember("Blur", "1", b"v1", {})
    first.keep([b"a"], result(zeros(9000)), node_type="Blur")
    first.disk.flush()
    second = open_cache(tmp_path)
    assert second.history.reason("Blur", "1", b"v1", {}) is FORGOTTEN
    first.close()
    second.close()


def test_of_many_calls_only_those_are_put_into_words_that_are_kept(tmp_path, monkeypatch):
    words = []
    monkeypatch.setattr("graph.caching.cache.call_to_json", lambda call: words.append(call.node_id) or (b"x", ""))
    cache = open_cache(tmp_path)
    for number in range(MOST_CALLS + 100):
        cache.history.remember("Blur", str(number), b"v1", {})
    cache.close()
    assert words == [str(number) for number in range(100, MOST_CALLS + 100)]


def test_what_a_cache_holds_can_be_told_as_json(tmp_path):
    cache = open_cache(tmp_path)
    cache.keep([b"a"], result(zeros(9000)), node_type="Toy")
    cache.flush()
    told = cache.statistics().as_json()
    assert told["keys"] == told["values"] == told["disk"]["results"] == 1
    assert 9000 < told["disk"]["nbytes"] < 10_000
    cache.close()
