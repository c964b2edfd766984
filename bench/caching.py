"""What remembering costs: an operation beside a plain dict, the disk tier beside plain files, memory over time.

python bench/caching.py
"""

from __future__ import annotations

import gc
import hashlib
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np

from graph.caching.cache import Cache
from graph.caching.call_history import History, Part
from graph.caching.disk.disk_cache import DiskCache
from graph.caching.memory_cache import MemoryCache
from graph.results.fingerprint import Fingerprinter
from graph.results.result import CONTENT, Result
from nodes.tensor_values import CODECS

OPERATIONS = 20_000
REPEATS = 7
PUTS = 2_000
MIB = 2**20


def seconds(
    work: Callable[[], object],
    repeats: int = REPEATS,
    before: Callable[[], object] | None = None,
    clock: Callable[[], float] = time.process_time,
) -> float:
    """The median time of some work; of the processor, unless it waits for a disk."""
    found = []
    for _ in range(repeats):
        if before is not None:
            before()
        gc.collect()
        start = clock()
        work()
        found.append(clock() - start)
    return statistics.median(found)


def wall_seconds(work: Callable[[], object], before: Callable[[], object] | None = None) -> float:
    """The median time of some work that waits for a disk."""
    return seconds(work, 5, before, time.perf_counter)


def operations() -> None:
    """A find, a miss and a keep of small values."""
    keys = [os.urandom(16) for _ in range(OPERATIONS)]
    others = [os.urandom(16) for _ in range(OPERATIONS)]
    plain: dict[bytes, object] = {}
    results = [Result((number,), (CONTENT + key,), (), 0.0) for number, key in enumerate(keys)]

    missing = [os.urandom(16) for _ in range(OPERATIONS)]

    def put() -> None:
        for key, result in zip(keys, results, strict=True):
            plain[key] = result  # noqa: PERF403 - one by one, as the cache is given them

    def get() -> None:
        for key in keys:
            plain.get(key)

    put_cost, get_cost = seconds(put, before=plain.clear), seconds(get)
    print(f"{'':34} {'us each':>8} {'x a dict':>9}")
    print(f"{'dict: put':34} {put_cost / OPERATIONS * 1e6:8.3f}")
    print(f"{'dict: get':34} {get_cost / OPERATIONS * 1e6:8.3f}")
    with tempfile.TemporaryDirectory() as folder:
        for name, cache in (
            ("memory", Cache(MemoryCache(2**32, CODECS))),
            ("both tiers", Cache(MemoryCache(2**32, CODECS), DiskCache(Path(folder), codecs=CODECS))),
        ):

            def keep(cache: Cache = cache) -> None:
                for key, other, result in zip(keys, others, results, strict=True):
                    cache.keep((key, other), result, node_type="Add")

            def find(cache: Cache = cache) -> None:
                for key in keys:
                    cache.find(key)

            def miss(cache: Cache = cache) -> None:
                for key in missing:
                    cache.find(key)

            told = [
                ("keep, two keys", seconds(keep, before=cache.memory.clear), put_cost),
                ("find", seconds(find), get_cost),
                ("miss", seconds(miss), get_cost),
            ]
            for what, cost, reference in told:
                print(f"{name + ': ' + what:34} {cost / OPERATIONS * 1e6:8.3f} {cost / reference:9.1f}")
            cache.close()
    marks = Fingerprinter(CODECS)
    for value in (12345, 0.5, "a red boat on a lake"):
        cost = seconds(lambda value=value: [marks.of(value) for _ in range(OPERATIONS)])
        print(f"{f'fingerprint of {value!r}':34} {cost / OPERATIONS * 1e6:8.3f}")
    cost = seconds(explain)
    print(f"{'explain a call and remember it':34} {cost / 10_000 * 1e6:8.3f}")


def explain() -> None:
    """The calls of 10,000 new nodes of one type, three inputs each."""
    history = History()
    for number in range(10_000):
        parts = {"in0": Part(b"%d" % number, "a value", "7"), "in1": Part(b"x", "1"), "in2": Part(b"y", "2")}
        history.reason("Add", str(number), b"recipe", parts)
        history.remember("Add", str(number), b"recipe", parts)
        history.begin()


def disk() -> None:
    """Values of 16 MiB written behind and read back, beside plain files with and without a checksum."""
    arrays = [np.random.default_rng(number).random(2 * MIB) for number in range(12)]
    total = sum(array.nbytes for array in arrays)
    marks = Fingerprinter(CODECS)
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as name:
        folder = Path(name)

        def plain_write() -> None:
            for number, array in enumerate(arrays):
                with (folder / str(number)).open("wb") as file:
                    file.write(memoryview(array).cast("B"))
                    file.flush()
                    os.fsync(file.fileno())

        def plain_read() -> None:
            for number in range(len(arrays)):
                (folder / str(number)).read_bytes()

        def checked_read() -> None:
            for number in range(len(arrays)):
                hashlib.sha256((folder / str(number)).read_bytes()).digest()

        plain = wall_seconds(plain_write)
        cache = DiskCache(folder / "cache", codecs=CODECS)
        results = [Result((array,), (marks.of(array),), (), 60.0) for array in arrays]
        numbers = iter(range(1000))

        def forget() -> None:
            cache.clear()
            for result in results:
                result.on_disk = False

        def write() -> None:
            for result in results:
                cache.keep([b"%d" % next(numbers)], result, "VAEDecode")
                cache.flush()

        def read() -> None:
            for result in results:
                if cache.load(result) is None:
                    raise RuntimeError("it was not stored")

        written, fetched = wall_seconds(write, before=forget), wall_seconds(read)
        raw, checked = wall_seconds(plain_read), wall_seconds(checked_read)
        print(f"\n{'':34} {'MB/s':>8} {'of plain':>9}")
        rows = [
            ("plain file: write and fsync", plain, plain),
            ("disk tier: write", written, plain),
            ("plain file: read", raw, raw),
            ("plain file: read and SHA-256", checked, raw),
            ("disk tier: read and check", fetched, raw),
        ]
        for what, cost, reference in rows:
            print(f"{what:34} {total / cost / 1e6:8.0f} {reference / cost:9.2f}")
        cache.close()


def memory() -> None:
    """Resident memory over many puts of every size, far more than the budget."""
    chance = random.Random(0)  # noqa: S311
    budget = 256 * MIB
    with tempfile.TemporaryDirectory() as folder:
        cache = Cache(MemoryCache(budget, CODECS), DiskCache(Path(folder), 128 * MIB, CODECS))
        marks = cache.fingerprinter
        seen, most = [], 0
        base = resident()
        for number in range(PUTS):
            value = np.full(int(2 ** chance.uniform(8, 21)), number, np.float32)
            result = Result((value,), (marks.of(value),), (), chance.uniform(0, 0.2))
            del value
            cache.keep((b"d%d" % number, b"s%d" % number), result, node_type="Test")
            if number % 7 == 0 and (found := cache.find(b"d%d" % chance.randrange(number + 1))) is not None:
                cache.values(found)
            most = max(most, cache.statistics().nbytes)
            if number % (PUTS // 10) == PUTS // 10 - 1:
                cache.flush()
                seen.append((resident() - base) / MIB)
        stored = cache.statistics().disk
        cache.close()
    print(f"\n{PUTS} puts of 1 KiB to 8 MiB into a budget of {budget // MIB} MiB, and 128 MiB on disk")
    print("resident MiB over the start, after each tenth: " + " ".join(f"{item:.0f}" for item in seen))
    print(
        f"most bytes counted: {most / budget:.3f} of the budget; on disk {stored.nbytes / 128 / MIB:.3f} of its budget"
    )


def resident() -> int:
    """Bytes of this process in memory."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:")) * 1024


if __name__ == "__main__":
    operations()
    disk()
    memory()
