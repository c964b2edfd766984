"""Two caches on one folder and everything that may happen to them: what is found is right, and nothing is left over."""

import itertools
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from tests.support.disk_work import blobs, keep, open_disk, values_of
from tests.support.examples import examples
from tests.support.failing_disk import STEPS, FailingDisk
from tests.support.toy_arrays import ToyArray, result

MAX_BYTES = 60_000
which = st.integers(0, 1)
numbers = st.integers(0, 11)


def value(number):
    """Small ones, which are in the index, and larger ones, which are files."""
    return ToyArray(bytes([number]) * (500 if number % 3 == 0 else 9000))


class ThisDisk(FailingDisk):
    """A disk that fails once when it is told to, does not wait for its plates, and may be nearly full."""

    def __init__(self, free):
        super().__init__(once=True)
        self.of_the_disk = free

    def sync(self, path):
        self._count("sync")

    def space(self, path):
        return 10**6, self.of_the_disk["free"]

    def fail_next(self, step):
        self.step, self.number = step, self.done[step] + 1


class TwoOnOneFolder(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.temporary = TemporaryDirectory()
        self.folder = Path(self.temporary.name)
        self.free = {"free": 10**6}
        self.turns = itertools.count()
        self.layers = [ThisDisk(self.free), ThisDisk(self.free)]
        self.open = [self.opened(layer) for layer in self.layers]

    def opened(self, layer):
        """On a clock on which any pause is over at the next look."""
        return open_disk(self.folder, max_bytes=MAX_BYTES, layer=layer, clock=self.later)

    def later(self):
        return 1000.0 * next(self.turns)

    @rule(which=which, number=numbers, seconds=st.sampled_from([0.06, 1.0, 9.0]))
    def keep(self, which, number, seconds):
        self.open[which].keep([b"%d" % number, b"same"], result(value(number), seconds=seconds), "Toy")

    @rule(which=which)
    def flush(self, which):
        self.open[which].flush()

    @rule(which=which, number=numbers)
    def find(self, which, number):
        assert values_of(self.open[which], b"%d" % number) in (None, "record", (value(number),))

    @rule(which=which)
    def find_what_was_last(self, which):
        assert values_of(self.open[which], b"same") in (None, "record", *[(value(number),) for number in range(12)])

    @rule(which=which)
    def clear(self, which):
        self.open[which].clear()

    @rule(which=which)
    def restart(self, which):
        self.open[which].close()
        self.open[which] = self.opened(self.layers[which])

    @rule(which=which, step=st.sampled_from(STEPS))
    def fail_once(self, which, step):
        self.layers[which].fail_next(step)

    @rule(free=st.sampled_from([10**6, 80_000, 60_000, 0]))
    def fill_the_disk(self, free):
        self.free["free"] = free

    @rule(place=st.integers(0, 5), how=st.sampled_from(["flip", "cut", "delete"]))
    def damage(self, place, how):
        found = blobs(self.folder)
        if place < len(found):
            try:
                data = found[place].read_bytes()
                if how == "delete":
                    found[place].unlink()
                else:
                    found[place].write_bytes(data[:-1] + (bytes([data[-1] ^ 1]) if how == "flip" else b""))
            except FileNotFoundError:  # let go meanwhile
                return

    @invariant()
    def what_is_counted_is_within_the_budget(self):
        for disk in self.open:
            disk.flush()
            assert disk.statistics().nbytes <= MAX_BYTES

    def teardown(self):
        try:
            for disk in self.open:
                disk.close()
            self.free["free"] = 10**6
            disk = self.opened(ThisDisk(self.free))
            keep(disk, b"after", result(value(1), seconds=9.0))
            disk.verify()
            keep(disk, b"after", result(value(1), seconds=9.0))
            assert values_of(disk, b"after") == (value(1),)
            assert disk.verify().damaged == ()
            files = {mark[1:].hex() for mark in disk.folder.index.contents(in_files=True)}
            assert {path.stem for path in blobs(self.folder)} == files
            assert list((self.folder / "cache").rglob("*.part")) == []
            assert sum(path.stat().st_size for path in blobs(self.folder)) <= MAX_BYTES
            disk.close()
        finally:
            self.temporary.cleanup()


TwoOnOneFolder.TestCase.settings = examples(30, stateful_step_count=25, derandomize=True, database=None)
TestTwoOnOneFolder = TwoOnOneFolder.TestCase
