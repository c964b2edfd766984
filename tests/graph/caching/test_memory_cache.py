"""The memory tier: never over its budget, shared memory counted once, what is worth least for its bytes goes first."""

import sys
import threading

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from graph.caching.memory_cache import MemoryCache
from graph.node_types.context import Artifact
from graph.results.result import RequestedInputs, Result
from tests.support.examples import examples
from tests.support.toy_arrays import ToyArrays, zeros

ROOM = 1500
"""More than what an entry costs besides its values."""


def cache_of(max_bytes):
    return MemoryCache(max_bytes, [ToyArrays()])


def result(nbytes, seconds=1.0):
    return Result((zeros(nbytes),), (b"cmark",), seconds=seconds)


def with_values(cache, keys):
    return [key for key in keys if (found := cache.find(key)) is not None and found.values is not None]


def test_what_was_kept_is_found_and_nothing_else():
    cache, kept = cache_of(100_000), result(10)
    cache.keep([b"a"], kept)
    assert cache.find(b"a") is kept
    assert cache.find(b"b") is None


def test_all_keys_of_a_result_share_one_object_also_those_that_come_later():
    cache, kept = cache_of(100_000), result(10)
    cache.keep([b"deep", b"shallow"], kept)
    before = cache.nbytes
    cache.keep([b"another deep"], kept)
    assert cache.find(b"deep") is cache.find(b"shallow") is cache.find(b"another deep") is kept
    assert 0 < cache.nbytes - before < 500


def test_a_lazy_question_is_remembered_like_a_result():
    cache, asked = cache_of(100_000), RequestedInputs(("then",))
    cache.keep_requested([b"a", b"b"], asked)
    assert cache.find(b"a") is cache.find(b"b") is asked
    cache.keep([b"a"], kept := result(10))
    assert cache.find(b"a") is kept
    assert cache.find(b"b") is asked


def test_a_key_that_is_kept_again_has_the_new_result_and_the_old_one_is_gone():
    cache, old, new = cache_of(100_000), result(50_000), result(10)
    cache.keep([b"a"], old)
    cache.keep([b"a"], new)
    assert cache.find(b"a") is new
    assert cache.nbytes < ROOM


def test_values_go_and_their_record_stays():
    cache, first = cache_of(200_000), Result((zeros(90_000),), (b"cmark",), (Artifact("output", "a.png"),), 1.0)
    cache.keep([b"a"], first)
    for key in (b"b", b"c"):
        cache.keep([key], result(90_000, seconds=2.0))
    assert cache.find(b"a") is first
    assert (first.values, first.fingerprints, len(first.artifacts)) == (None, (b"cmark",), 1)
    assert with_values(cache, [b"b", b"c"]) == [b"b", b"c"]


def test_of_two_that_are_equally_large_the_cheaper_goes_first():
    cache = cache_of(250_000)
    cache.keep([b"dear"], result(100_000, seconds=5.0))
    cache.keep([b"cheap"], result(100_000, seconds=0.1))
    cache.keep([b"new"], result(100_000, seconds=1.0))
    assert with_values(cache, [b"dear", b"cheap", b"new"]) == [b"dear", b"new"]


def test_of_two_that_are_equally_dear_the_larger_goes_first():
    cache = cache_of(250_000)
    cache.keep([b"large"], result(150_000, seconds=1.0))
    cache.keep([b"small"], result(50_000, seconds=1.0))
    cache.keep([b"new"], result(80_000, seconds=1.0))
    assert with_values(cache, [b"large", b"small", b"new"]) == [b"small", b"new"]


def test_what_is_asked_for_often_stays_longer():
    cache = cache_of(250_000)
    cache.keep([b"a"], result(100_000))
    cache.keep([b"b"], result(100_000))
    cache.find(b"a")
    cache.keep([b"c"], result(100_000))
    assert with_values(cache, [b"a", b"b", b"c"]) == [b"a", b"c"]


def test_worth_fades_what_was_dear_long_ago_makes_room():
    cache = cache_of(250_000)
    cache.keep([b"dear"], result(100_000, seconds=10.0))
    for number in range(30):
        cache.keep([b"%d" % number], result(100_000, seconds=1.0))
    assert with_values(cache, [b"dear"]) == []


def test_what_queued_runs_expect_goes_last_whether_it_is_known_already_or_comes_later():
    cache = cache_of(350_000)
    cache.keep([b"known"], result(100_000, seconds=0.001))
    cache.expect([b"known", b"later"])
    cache.keep([b"later", b"its other key"], result(100_000, seconds=0.001))
    for number in range(5):
        cache.keep([b"%d" % number], result(100_000, seconds=9.0))
    assert with_values(cache, [b"known", b"later"]) == [b"known", b"later"]
    cache.expect([])
    for number in range(5, 8):
        cache.keep([b"%d" % number], result(100_000, seconds=9.0))
    assert with_values(cache, [b"known", b"later"]) == []


def test_what_is_expected_goes_too_when_nothing_else_is_left():
    cache = cache_of(250_000)
    cache.expect([b"a", b"b", b"c"])
    for key in (b"a", b"b", b"c"):
        cache.keep([key], result(100_000))
    assert len(with_values(cache, [b"a", b"b", b"c"])) == 2
    assert cache.nbytes <= cache.max_bytes


def test_memory_that_results_share_is_counted_once_and_freed_with_the_last():
    cache, array = cache_of(200_000), zeros(100_000)
    for number in range(5):
        cache.keep([b"%d" % number], Result((array.view(number, 5000 + number),)))
    assert 100_000 < cache.nbytes < 100_000 + 5 * ROOM
    for number in range(5):
        cache.forget(b"%d" % number)
        assert (cache.nbytes > 100_000) == (number < 4)
    assert (cache.nbytes, len(cache)) == (0, 0)


def test_what_is_larger_than_the_budget_leaves_only_its_record_and_drives_nothing_out():
    cache, large = cache_of(200_000), result(300_000)
    cache.keep([b"a"], result(100_000, seconds=0.0))
    cache.keep([b"b"], large)
    assert with_values(cache, [b"a", b"b"]) == [b"a"]
    assert cache.find(b"b") is large


def test_what_has_no_key_takes_no_room():
    cache = cache_of(10**6)
    for _ in range(100):
        cache.keep([], result(100))
        cache.keep_requested([], RequestedInputs(("x",)))
    assert cache.nbytes == 0


def test_a_question_that_is_kept_under_more_keys_is_still_one():
    cache, asked = cache_of(10**6), RequestedInputs(("x",))
    cache.keep_requested([b"a"], asked)
    cache.keep_requested([b"b"], asked)
    for key in (b"a", b"b"):
        assert cache.find(key) is asked
        cache.forget(key)
    assert cache.nbytes == 0


def test_nothing_is_kept_without_a_budget():
    cache = cache_of(0)
    cache.keep([b"a"], Result((1,)))
    assert (cache.find(b"a"), len(cache), cache.nbytes) == (None, 0, 0)


def test_an_item_of_a_stream_keeps_its_values_only_when_they_were_dear():
    cache = cache_of(10**7)
    cache.keep([b"cheap"], result(1_000_000, seconds=0.04), only_if_expensive=True)
    cache.keep([b"dear"], result(1_000_000, seconds=0.06), only_if_expensive=True)
    cache.keep([b"plain"], Result((7,)), only_if_expensive=True)
    assert with_values(cache, [b"cheap", b"dear", b"plain"]) == [b"dear", b"plain"]
    assert cache.find(b"cheap").fingerprints == (b"cmark",)


def test_records_take_an_eighth_of_the_budget_and_those_that_are_asked_for_stay():
    cache = cache_of(400_000)
    cache.keep([b"favourite"], Result((1,)))
    for number in range(1000):
        cache.keep([b"%d" % number], Result((number,)))
        assert cache.find(b"favourite") is not None
    assert cache.nbytes <= 50_000
    assert 30 < len(cache) < 100
    assert cache.find(b"999") is not None
    assert cache.find(b"0") is None


def test_values_come_back_into_the_budget():
    cache, first = cache_of(200_000), result(90_000, seconds=1.0)
    cache.keep([b"a"], first)
    cache.keep([b"b"], result(90_000, seconds=2.0))
    cache.keep([b"c"], result(90_000, seconds=2.0))
    assert first.values is None
    cache.give_back(first, (zeros(90_000),))
    assert first.values is not None
    assert len(with_values(cache, [b"a", b"b", b"c"])) == 2
    assert cache.nbytes <= cache.max_bytes


def test_values_of_a_result_that_is_forgotten_do_not_come_back():
    cache, gone = cache_of(200_000), Result(None)
    cache.give_back(gone, (zeros(90_000),))
    assert gone.values is None
    assert cache.nbytes == 0


def test_clearing_forgets_everything_and_leaves_values_to_who_has_them():
    cache, kept = cache_of(100_000), result(1000)
    cache.keep([b"a"], kept)
    cache.clear()
    assert (cache.find(b"a"), len(cache), cache.nbytes) == (None, 0, 0)
    assert kept.values is not None


def test_places_that_are_no_longer_valid_do_not_pile_up():
    cache = cache_of(100_000)
    cache.keep([b"a"], result(1000))
    for number in range(2000):
        cache.expect([b"a"] if number % 2 else [])
    assert cache.queue_length < 500


KEYS = st.sampled_from([b"a", b"b", b"c", b"d", b"e", b"f"])


class AgainstThePlainestCount(RuleBasedStateMachine):
    """Whatever happens: the budget holds, the count is right, and what is found is what was kept under the key."""

    budget = 120_000

    def __init__(self):
        super().__init__()
        self.cache = cache_of(self.budget)
        self.arrays = [zeros(16_000), zeros(36_000)]
        self.kept = {}

    @rule(keys=st.lists(KEYS, min_size=1, max_size=3), nbytes=st.integers(0, 124_000), seconds=st.floats(0, 10))
    def keep(self, keys, nbytes, seconds):
        self._keep(keys, result(nbytes, seconds))

    @rule(keys=st.lists(KEYS, min_size=1, max_size=3), which=st.integers(0, 1), size=st.integers(0, 16_000))
    def keep_a_view(self, keys, which, size):
        self._keep(keys, Result((self.arrays[which].view(0, size), 1)))

    @rule(keys=st.lists(KEYS, min_size=1, max_size=3))
    def keep_small(self, keys):
        self._keep(keys, Result((1, "two")))

    @rule(key=KEYS, other=KEYS)
    def keep_under_another_key(self, key, other):
        found = self.cache.find(key)
        if isinstance(found, Result):
            self._keep([other], found)

    @rule(keys=st.lists(KEYS, min_size=1, max_size=2))
    def ask(self, keys):
        asked = RequestedInputs(("x",))
        self.cache.keep_requested(keys, asked)
        self.kept.update(dict.fromkeys(keys, asked))

    @rule(keys=st.lists(KEYS, max_size=3))
    def expect(self, keys):
        self.cache.expect(keys)

    @rule(key=KEYS)
    def find(self, key):
        found = self.cache.find(key)
        assert found is None or found is self.kept[key]

    @rule(key=KEYS)
    def give_back(self, key):
        found = self.cache.find(key)
        if isinstance(found, Result) and found.values is None:
            self.cache.give_back(found, (zeros(12_000),))

    @rule(key=KEYS)
    def forget(self, key):
        self.cache.forget(key)

    def _keep(self, keys, kept):
        self.cache.keep(keys, kept)
        self.kept.update(dict.fromkeys(keys, kept))

    @invariant()
    def never_over_budget_and_counted_right(self):
        cache = self.cache
        assert 0 <= cache.nbytes <= self.budget
        assert cache.miscounts() == []
        found = {id(each): each for key in self.kept if isinstance(each := cache.find(key), Result)}
        assert cache.value_count <= sum(each.values is not None for each in found.values())
        if len(cache) == 0:
            assert cache.nbytes == 0


AgainstThePlainestCount.TestCase.settings = examples(60, stateful_step_count=40)
test_every_sequence_of_operations_keeps_the_budget = AgainstThePlainestCount.TestCase


def test_many_threads_may_use_it_at_once():
    cache, errors = cache_of(40_000), []

    def use(start):
        try:
            for number in range(500):
                key = bytes([(start + number) % 23])
                cache.keep([key], result(number * 7 % 3000, seconds=number % 5))
                cache.find(key)
                cache.expect([key])
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
    assert cache.nbytes <= cache.max_bytes


@pytest.mark.parametrize("seconds", [0.0, 1.0])
def test_a_budget_of_many_rounds_is_kept(seconds):
    cache = cache_of(200_000)
    for number in range(2000):
        cache.keep([b"%d" % number, b"s%d" % number], result(number * 37 % 20_000, seconds))
        assert cache.nbytes <= cache.max_bytes
