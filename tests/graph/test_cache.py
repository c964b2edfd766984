"""The memory of an engine: never over its budget, least recently used first to go, sizes counted honestly."""

import sys
import threading

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from graph.cache import MemoryCache, Result, size_of

OVERHEAD = 500
"""More than the bytes that an entry costs besides its array."""


def result(nbytes):
    return Result((np.zeros(nbytes, np.uint8),))


def test_what_was_put_is_got_and_nothing_else():
    cache, kept = MemoryCache(10_000), result(10)
    cache.put(b"a", kept)
    assert cache.get(b"a") is kept
    assert cache.get(b"b") is None


def test_the_least_recently_used_goes_first_and_reading_makes_recent():
    cache = MemoryCache(3 * (1000 + OVERHEAD))
    for key in (b"a", b"b", b"c"):
        cache.put(key, result(1000))
    cache.get(b"a")
    cache.put(b"d", result(1000))
    assert [key for key in (b"a", b"b", b"c", b"d") if cache.get(key)] == [b"a", b"c", b"d"]


def test_what_is_larger_than_the_budget_is_not_kept_and_drives_nothing_out():
    cache = MemoryCache(5000)
    cache.put(b"a", result(1000))
    cache.put(b"b", result(6000))
    assert cache.get(b"b") is None
    assert cache.get(b"a") is not None


def test_what_has_grown_too_large_is_not_answered_with_its_old_self():
    cache = MemoryCache(5000)
    cache.put(b"a", result(1000))
    cache.put(b"a", result(6000))
    assert cache.get(b"a") is None
    assert (len(cache), cache.nbytes) == (0, 0)


def test_a_key_is_counted_once():
    cache = MemoryCache(5000)
    for _ in range(10):
        cache.put(b"a", result(1000))
    assert len(cache) == 1
    assert cache.nbytes < 1000 + OVERHEAD


def test_nothing_is_kept_without_a_budget():
    cache = MemoryCache(0)
    cache.put(b"a", Result(()))
    assert (cache.get(b"a"), len(cache), cache.nbytes) == (None, 0, 0)


def test_clearing_forgets_everything():
    cache = MemoryCache(5000)
    cache.put(b"a", result(1000))
    cache.clear()
    assert (cache.get(b"a"), len(cache), cache.nbytes) == (None, 0, 0)


class AgainstAList(RuleBasedStateMachine):
    """The cache against the plainest model of it: a list of keys, least recent first."""

    budget = 6000

    def __init__(self):
        super().__init__()
        self.cache = MemoryCache(self.budget)
        self.model = []

    @rule(key=st.sampled_from([b"a", b"b", b"c", b"d", b"e"]), nbytes=st.integers(0, 7000))
    def put(self, key, nbytes):
        kept = result(nbytes)
        size = size_of(kept.values) + 200
        self.cache.put(key, kept)
        self.model = [entry for entry in self.model if entry[0] != key]
        if size <= self.budget:
            self.model.append((key, kept, size))
        while sum(entry[2] for entry in self.model) > self.budget:
            del self.model[0]

    @rule(key=st.sampled_from([b"a", b"b", b"c", b"d", b"e"]))
    def get(self, key):
        known = [entry for entry in self.model if entry[0] == key]
        assert self.cache.get(key) is (known[0][1] if known else None)
        self.model = [entry for entry in self.model if entry[0] != key] + known

    @rule()
    def clear(self):
        self.cache.clear()
        self.model.clear()

    @invariant()
    def never_over_budget(self):
        assert self.cache.nbytes == sum(entry[2] for entry in self.model) <= self.budget
        assert len(self.cache) == len(self.model)


AgainstAList.TestCase.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
test_every_sequence_of_puts_and_gets_keeps_the_budget = AgainstAList.TestCase


def test_many_threads_may_use_it_at_once():
    cache, errors = MemoryCache(20_000), []

    def use(start):
        try:
            for number in range(500):
                key = bytes([(start + number) % 23])
                cache.put(key, result(number * 7 % 3000))
                cache.get(key)
                assert cache.nbytes >= 0
        except Exception as error:  # noqa: BLE001 - looked at below, in the test's own thread
            errors.append(error)

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        threads = [threading.Thread(target=use, args=(start,)) for start in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    assert errors == []
    assert cache.nbytes == sum(size for _, size in cache._entries.values()) <= cache.max_bytes


class _Handle:
    nbytes = 12_345


@pytest.mark.parametrize("box", [list, tuple, lambda items: {"x": items}, lambda items: [[[items]]]])
def test_arrays_are_counted_wherever_they_lie(box):
    assert 50_000 <= size_of(box([np.zeros(50_000, np.uint8)])) < 52_000


def test_what_says_its_bytes_is_believed():
    assert size_of(_Handle()) == 12_345


def test_an_object_that_occurs_twice_is_counted_once():
    array = np.zeros(100_000, np.uint8)
    assert size_of([array, array, {"again": array}]) < 110_000


def test_text_and_bytes_are_counted():
    assert size_of("x" * 10_000) >= 10_000
    assert size_of([b"x" * 10_000]) >= 10_000


def test_circles_and_deep_nesting_have_a_size():
    circle, deep = [], []
    circle.append(circle)
    for _ in range(100_000):
        deep = [deep]
    assert size_of(circle) < 1000
    assert size_of(deep) > 100_000
