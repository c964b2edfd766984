"""kill -9 in the middle of writing, at every kind of step: what is found afterwards is whole and right."""

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.disk_work import blobs, check, count_steps, large, open_disk, values_of
from tests.support.toy_arrays import ToyArray

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}

AT_A_STEP = """
import sys
from pathlib import Path
from tests.support.disk_work import open_disk, work
from tests.support.failing_disk import FailingDisk, kill
work(open_disk(Path(sys.argv[1]), max_bytes=100_000, layer=FailingDisk(sys.argv[2], int(sys.argv[3]), kill)))
"""

FOR_EVER = """
import itertools, sys
from pathlib import Path
from tests.support.disk_work import open_disk
from tests.support.toy_arrays import ToyArray, result
disk = open_disk(Path(sys.argv[1]), max_bytes=200_000)
for number in itertools.count():
    content = number % 60
    disk.keep([b"%d" % content], result(ToyArray(b"%02d" % content * 10_000)), "Toy")
    if number % 3 == 0:
        disk.flush()
        print(content, flush=True)
"""


def right_values():
    right = {b"%d" % number: (ToyArray(b"%02d" % number * 10_000),) for number in range(6)}
    right |= {b"small %d" % number: (f"text {number}",) for number in range(6)}
    return {**right, b"0": ("moved",)}


@pytest.mark.parametrize("step", ["create", "write", "sync", "rename", "sync_folder", "remove", "sql"])
@pytest.mark.process
def test_killed_at_a_step_nothing_is_half_written(tmp_path, step):
    times = count_steps(tmp_path)[step]
    chosen = sorted({1, times // 2, times, random.Random(step).randrange(1, times // 2 + 1)})  # noqa: S311
    killed = []
    for number in chosen:
        folder = tmp_path / str(number)
        ended = subprocess.run(
            [sys.executable, "-c", AT_A_STEP, str(folder), step, str(number)],
            cwd=ROOT, env=ENVIRONMENT, capture_output=True, timeout=100,
        )  # fmt: skip
        assert ended.returncode in (0, -signal.SIGKILL), ended.stderr.decode()
        killed.append(ended.returncode != 0)
        for half in (folder / "cache").rglob("*.part"):  # a later process takes it away once it is old
            os.utime(half, (0, 0))
        check(folder, right_values())
    assert killed[:-1] == [True] * (len(killed) - 1), (
        "only the last step may not be reached: what waits goes in batches"
    )


@pytest.mark.process
def test_killed_at_random_again_and_again_in_one_folder(tmp_path):
    chance = random.Random(4)  # noqa: S311
    stored = set()
    for _ in range(5):
        writer = subprocess.Popen(
            [sys.executable, "-c", FOR_EVER, str(tmp_path)], cwd=ROOT, env=ENVIRONMENT, stdout=subprocess.PIPE
        )
        for _ in range(chance.randrange(1, 40)):
            stored.add(int(writer.stdout.readline()))
        writer.kill()
        writer.communicate(timeout=100)
        disk = open_disk(tmp_path, max_bytes=200_000)
        for number in range(60):
            assert values_of(disk, b"%d" % number) in (None, "record", (ToyArray(b"%02d" % number * 10_000),))
        assert disk.verify().damaged == ()
        disk.close()
    assert stored
    assert sum(path.stat().st_size for path in blobs(tmp_path)) <= 250_000


FLUSHED = """
import os, signal, sys
from pathlib import Path
from tests.support.disk_work import open_disk
from tests.support.toy_arrays import ToyArray, result
disk = open_disk(Path(sys.argv[1]))
for number in range(10):
    disk.keep([b"%d" % number], result(ToyArray(b"%02d" % number * 10_000)), "Toy")
disk.flush()
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.process
def test_what_was_flushed_is_there_after_a_kill(tmp_path):
    subprocess.run([sys.executable, "-c", FLUSHED, str(tmp_path)], cwd=ROOT, env=ENVIRONMENT, timeout=100, check=False)
    disk = open_disk(tmp_path)
    assert all(values_of(disk, b"%d" % number) == (ToyArray(b"%02d" % number * 10_000),) for number in range(10))
    disk.close()


BEFORE_THE_SYNC = """
import sys
from pathlib import Path
from tests.support.disk_work import keep, large, open_disk
from tests.support.failing_disk import FailingDisk, kill
keep(open_disk(Path(sys.argv[1]), layer=FailingDisk("sync", 1, kill)), b"a", large())
"""


@pytest.mark.process
def test_a_value_outlives_its_process_before_the_disk_says_that_it_outlives_the_machine(tmp_path):
    ended = subprocess.run(
        [sys.executable, "-c", BEFORE_THE_SYNC, str(tmp_path)], cwd=ROOT, env=ENVIRONMENT, timeout=100, check=False
    )
    assert ended.returncode == -signal.SIGKILL
    disk = open_disk(tmp_path)
    assert values_of(disk, b"a") == (ToyArray(b"x" * 20_000),)
    disk.close()


TOLD = """
import os, signal, sys
from pathlib import Path
from graph.caching.disk import disk_cache
from graph.running import events
from graph.caching.cache import Cache
from graph.engine import Engine
from graph.caching.memory_cache import MemoryCache
from tests.support.disk_work import CODECS, open_disk
from tests.support.documents import document
from tests.support.remembering import Clock
from tests.support.toy_arrays import ToyArray
from tests.support.toys import toy_registry, type_from
import graph.running.evaluation
disk_cache.LONGEST_WAIT = disk_cache.SHARE_OF_WAITING = 60.0  # however slow this machine is
graph.running.evaluation.time = clock = Clock()
def dear(number: int) -> object:
    print("called", number, flush=True)
    clock.now += 1.0
    return ToyArray(b"x" * 20_000)
registry = toy_registry()
registry.add(type_from(dear, id="Dear"))
def listen(event):
    if isinstance(event, events.NodeFinished):
        os.kill(os.getpid(), signal.SIGKILL)
with Engine(registry, cache=Cache(MemoryCache(10**6, CODECS), open_disk(Path(sys.argv[1])))) as engine:
    engine.run(document(d=("Dear", {"number": 1})), ["d"], listener=listen)
"""


@pytest.mark.process
def test_a_dear_call_whose_end_was_told_is_not_made_again_after_a_kill(tmp_path):
    command = [sys.executable, "-c", TOLD, str(tmp_path)]
    runs = [subprocess.run(command, cwd=ROOT, env=ENVIRONMENT, capture_output=True, timeout=100) for _ in range(2)]
    assert [(run.returncode, run.stdout) for run in runs] == [(-signal.SIGKILL, b"called 1\n"), (0, b"")], runs


def test_a_run_does_not_wait_for_another_process_that_holds_the_index(tmp_path):
    disk, other = open_disk(tmp_path), open_disk(tmp_path)
    with other.folder.index.writing():
        assert disk.keep([b"a"], large(), "Toy")
        assert other.find(b"a") is None, "it is not stored yet"
    disk.flush()
    assert values_of(other, b"a") == (ToyArray(b"x" * 20_000),)
    disk.close()
    other.close()
