"""kill -9 at random moments while expensive nodes run: how many finished calls have to be made a second time.

A call that is cut off is lost, whatever is done. One that had returned is to be remembered: the next process should
find its value on the disk. Between the two lie some steps, and a kill that falls there costs a second call: the call
ended, its value is marked, stored, and told. Each process writes down how far it got, and the next one makes the last
value again that was written down, if it does not find it.

Reference: at most 1 of 200 kills costs a second call. Calls take 0.4 s and give 256 KiB, as a sampler does.

python bench/kills.py [kills] [seconds of a call] [KiB of a value]
"""

from __future__ import annotations

import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

AIM = 1 / 200
SECONDS, KIB = 0.4, 256
LONGEST = 420.0
"""Seconds after which no more processes are begun, however many kills were asked for."""
STEPS = ("ended", "marked", "stored", "told")
"""Of a value, in this order; a kill costs a second call if it falls after the first and before 'stored'."""


def work(folder: Path, first: int, seconds: float, kib: int) -> None:
    """Run one value after the other from `first` on, for ever, and write down every step."""
    import numpy as np

    from commands.caching import open_cache
    from graph.api import Registry, node
    from graph.document.reader import from_json
    from graph.engine import Engine
    from graph.running import events

    log = os.open(folder / "log", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    at = {"number": first}

    def note(step: str) -> None:
        os.write(log, f"{step} {at['number']} {time.perf_counter():.6f}\n".encode())

    @node("Expensive", category="bench")
    def expensive(number: int, seconds: float, kib: int) -> Any:
        """Take a while, and give some numbers."""
        time.sleep(seconds)
        found = np.arange(kib * 256, dtype=np.float32) + number
        note("ended")
        return found

    registry = Registry()
    registry.add(expensive.__node_type__)  # type: ignore[attr-defined]
    cache = open_cache(folder)
    disk: Any = cache.disk
    mark, tell = cache.fingerprinter.of, disk._tell

    def marked(value: object) -> Any:
        found = mark(value)
        if isinstance(value, np.ndarray):
            note("marked")
        return found

    def stored(jobs: Any) -> None:
        if any(job.values is not None and job.result is not None for job in jobs):
            note("stored")  # before that is told: the other thread goes on then, and this one may have to wait
        tell(jobs)

    cache.fingerprinter.of = marked  # type: ignore[method-assign]
    disk._tell = stored

    def listen(event: events.Event) -> None:
        if isinstance(event, events.NodeFinished):
            note("told")

    with Engine(registry, cache=cache) as engine:
        while True:
            inputs = {"number": at["number"], "seconds": seconds, "kib": kib}
            document = from_json({"jacquard": 1, "nodes": {"a": {"type": "Expensive", "inputs": inputs}}})
            if engine.run(document, ["a"], listener=listen).reused:
                note("found")
            print("went on", flush=True)
            at["number"] += 1


def read(folder: Path) -> list[tuple[str, int, float]]:
    """What was written down: step, value, time."""
    try:
        lines = (folder / "log").read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
    return [(step, int(number), float(at)) for step, number, at in (line.split() for line in lines)]


def main(kills: int, seconds: float, kib: int) -> None:
    """Print the table."""
    chance = random.Random(11)  # noqa: S311 - the same moments every time, as far as a machine lets them be
    costs: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        began, asked, kills = time.monotonic(), kills, 0
        while kills < asked and time.monotonic() - began < LONGEST:
            kills += 1
            steps = read(folder)
            last = max((number for _, number, _ in steps), default=0)
            command = [sys.executable, __file__, "--in", name, str(last), str(seconds), str(kib)]
            process: Any = subprocess.Popen(command, stdout=subprocess.PIPE)  # noqa: S603 - this file
            process.stdout.readline()  # the value of before is there, found or made again
            time.sleep(chance.uniform(0, 2 * seconds))
            process.send_signal(signal.SIGKILL)
            process.communicate()
            after = read(folder)[len(steps) :]
            for step, number, _ in after[:1]:
                if step == "ended" and any(at == number and each == "ended" for each, at, _ in steps):
                    costs[[each for each, at, _ in steps if at == number][-1]] += 1
        steps = read(folder)
    report(kills, seconds, kib, costs, steps)


def report(kills: int, seconds: float, kib: int, costs: Counter[str], steps: list[tuple[str, int, float]]) -> None:
    """What it came to, beside the aim; and how long after the end of a call each step was done."""
    cost = sum(costs.values())
    where = ", ".join(f"{costs[step]} when the last step was {step!r}" for step in STEPS if costs[step])
    print(f"{kills} kills, calls of {seconds:g} s that give {kib} KiB")
    print(f"finished calls that were made a second time: {cost}" + (f" ({where})" if where else ""))
    print(f"aim: at most {AIM * kills:g}; x {cost / kills / AIM:.2f}")
    times: dict[str, list[float]] = {step: [] for step in STEPS[1:]}
    ended: dict[int, float] = {}
    for step, number, at in steps:
        if step == "ended":
            ended[number] = at
        elif step in times and number in ended:  # a value that is found is marked once more, to check it
            times[step].append(at - ended[number])
            if step == STEPS[-1]:
                del ended[number]
    for step, found in times.items():
        if found:
            middle = statistics.median(found)
            print(f"  {step:7} {1e3 * middle:6.2f} ms after the end: x {middle / seconds:.4f} of the call")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--in"]:
        work(Path(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]), int(sys.argv[5]))
    else:
        given = dict(enumerate(sys.argv[1:]))
        main(int(given.get(0, 200)), float(given.get(1, SECONDS)), int(given.get(2, KIB)))
