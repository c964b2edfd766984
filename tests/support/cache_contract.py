"""What every cache owes to who uses it, whatever tiers it has. A test class inherits this and says `open`."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from pathlib import Path

import pytest

from graph.caching.cache import Cache
from graph.node_types.context import Artifact
from graph.results.result import RECIPE, RequestedInputs, Result
from tests.support.toy_arrays import MARKS, ToyArray, result, zeros


class CacheContract(ABC):
    """Tests that any cache has to pass. Nothing here says how long something is remembered."""

    @abstractmethod
    def open(self, folder: Path) -> Cache:
        """A cache, of the test's own or on what was stored in the folder before."""

    @pytest.fixture
    def cache(self, tmp_path):
        cache = self.open(tmp_path)
        yield cache
        cache.close()

    def keep(self, cache, keys, kept, **options):
        cache.keep(keys, kept, node_type="Toy", **options)
        cache.flush()

    def test_what_was_kept_is_found_under_all_of_its_keys(self, cache):
        artifact = Artifact("output", "a.png")
        self.keep(cache, [b"deep", b"shallow"], result([1, ToyArray(b"x" * 9000)], "two", artifacts=(artifact,)))
        for key in (b"deep", b"shallow"):
            found = cache.find(key)
            assert cache.values(found) == ([1, ToyArray(b"x" * 9000)], "two")
            assert found.fingerprints == (MARKS.of([1, ToyArray(b"x" * 9000)]), MARKS.of("two"))
            assert (found.artifacts, found.seconds) == ((artifact,), 1.0)

    def test_what_was_never_kept_is_not_found(self, cache):
        self.keep(cache, [b"a"], result(1))
        assert cache.find(b"b") is None

    def test_a_lazy_question_is_found_until_its_key_has_a_result(self, cache):
        cache.keep_requested([b"a", b"b"], RequestedInputs(("then", "else")))
        cache.flush()
        assert cache.find(b"a") == cache.find(b"b") == RequestedInputs(("then", "else"))
        self.keep(cache, [b"a"], result(1))
        assert cache.values(cache.find(b"a")) == (1,)
        assert cache.find(b"b") == RequestedInputs(("then", "else"))

    def test_a_result_may_get_more_keys_later(self, cache):
        self.keep(cache, [b"a"], result(ToyArray(b"x" * 9000)))
        self.keep(cache, [b"b"], cache.find(b"a"))
        assert cache.values(cache.find(b"b")) == (ToyArray(b"x" * 9000),)
        assert cache.values(cache.find(b"a")) == (ToyArray(b"x" * 9000),)

    def test_the_last_result_of_a_key_counts(self, cache):
        self.keep(cache, [b"a"], result(zeros(5000)))
        self.keep(cache, [b"a"], result("new"))
        assert cache.values(cache.find(b"a")) == ("new",)

    def test_a_result_without_outputs_has_its_artifacts(self, cache):
        self.keep(cache, [b"a"], Result((), (), (Artifact("output", "a.png", "image/webp"),), 0.0))
        found = cache.find(b"a")
        assert cache.values(found) == ()
        assert found.artifacts == (Artifact("output", "a.png", "image/webp"),)

    def test_an_empty_value_is_a_value(self, cache):
        self.keep(cache, [b"a"], result(None, [], ToyArray(b"", shape=(0, 4))))
        assert cache.values(cache.find(b"a")) == (None, [], ToyArray(b"", shape=(0, 4)))

    def test_what_has_no_mark_of_its_content_never_comes_back_as_something_else(self, cache):
        handle = object()
        self.keep(cache, [b"a"], Result((handle, 1), (RECIPE + b"x" * 16, MARKS.of(1)), (), 9.0))
        found = cache.find(b"a")
        assert found is None or cache.values(found) == (handle, 1)

    def test_clearing_forgets_everything_and_keeping_goes_on(self, cache):
        self.keep(cache, [b"a"], result(zeros(9000)))
        cache.clear()
        assert cache.find(b"a") is None
        self.keep(cache, [b"a"], result(zeros(9000)))
        assert cache.values(cache.find(b"a")) == (zeros(9000),)

    def test_it_is_never_over_its_budgets(self, cache):
        for number in range(60):
            self.keep(
                cache, [b"%d" % number], result(ToyArray(bytes([number]) * (number * 997 % 60_000)), seconds=number)
            )
        statistics = cache.statistics()
        assert statistics.nbytes <= statistics.max_bytes
        assert statistics.disk is None or statistics.disk.nbytes <= statistics.disk.max_bytes

    def test_whatever_is_found_is_right_also_under_many_threads(self, cache):
        errors: list[BaseException] = []

        def use(start: int) -> None:
            try:
                for number in range(40):
                    content = (start * 7 + number) % 17
                    cache.keep([b"%d" % content], result(ToyArray(bytes([content]) * 9000)), node_type="Toy")
                    found = cache.find(b"%d" % ((content + 5) % 17))
                    values = None if found is None else cache.values(found)
                    assert values is None or values == (ToyArray(bytes([(content + 5) % 17]) * 9000),)
                    cache.expect([b"%d" % content])
                    cache.refresh()
            except BaseException as error:  # noqa: BLE001 - looked at below, in the test's own thread
                errors.append(error)

        threads = [threading.Thread(target=use, args=(start,)) for start in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert errors == []

    def test_closing_twice_is_fine_and_so_is_using_it_afterwards(self, cache):
        self.keep(cache, [b"a"], result(1))
        cache.close()
        cache.close()
        cache.keep([b"b"], result(2), node_type="Toy")
        cache.find(b"b")
        cache.flush()
        cache.refresh()
        cache.clear()
