"""What the engine itself costs: chains of trivial nodes, cold and with everything remembered, in this process.

Reference: the aims for a chain of 10,000, at most 800 ms cold and 150 ms cached, and growth no more than linear (ten
times the nodes, at most eleven times the time). Beside it, for a sense of scale, the same functions called in a plain
loop. Then: one node of 10,000 changed in the middle, beside what is cached plus what runs; the same where the changed
node returns what it returned before; and eight nodes that wait for 0.2 s each, beside one after the other.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from graph.api import Registry, node
from graph.document.workflow import Node, Reference, Workflow
from graph.engine import Engine

COLD_AIM, CACHED_AIM, REPEATS = 80e-6, 15e-6, 5
PARALLEL_AIM = 0.35


@node("Increment", category="bench")
def increment(value: int = 0) -> int:
    """Add one."""
    return value + 1


@node("Keep", category="bench", side_effect=True)
def keep(value: int = 0) -> None:
    """Take the end of the chain."""


@node("Round", category="bench")
def round_down(value: int = 0, to: int = 10) -> int:
    """Give the same for many values."""
    return value // to


@node("Nap", category="bench")
def nap(number: int = 0, seconds: float = 0.2) -> int:
    """Wait for something outside of Python."""
    time.sleep(seconds)
    return number


def chain(length: int) -> Workflow:
    """A chain of increments with a side effect at its end."""
    nodes = {"0": Node("Increment", {"value": 1})}
    for index in range(1, length):
        nodes[str(index)] = Node("Increment", {"value": Reference(str(index - 1), "INT")})
    return Workflow({**nodes, "end": Node("Keep", {"value": Reference(str(length - 1), "INT")})})


class Cost(NamedTuple):
    """What some work takes."""

    wall: float
    cpu: float
    """Processor seconds of all threads: what other programs do meanwhile hardly counts."""


def cost(work: Callable[[], object]) -> Cost:
    """Do some work and take its time."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return Cost(time.perf_counter() - wall, time.process_time() - cpu)


def middle(costs: list[Cost]) -> Cost:
    """The median of each."""
    return Cost(*(statistics.median(values) for values in zip(*costs, strict=True)))


def ignore(_: object) -> None:
    """Take an event and do nothing."""


def plain_loop(length: int) -> None:
    """The same calls without an engine."""
    value = 1
    for _ in range(length):
        value = increment(value)


def measure(length: int) -> tuple[Cost, Cost, Cost]:
    """Seconds cold, cached and in a plain loop: medians."""
    registry = Registry()
    registry.add_module(sys.modules[__name__])
    workflow = chain(length)
    cold, cached, plain = [], [], []
    for _ in range(REPEATS):
        with Engine(registry) as engine:
            cold.append(cost(lambda: engine.run(workflow, listener=ignore)))
            cached.append(cost(lambda: engine.run(workflow, listener=ignore)))
        plain.append(cost(lambda: plain_loop(length)))
    return middle(cold), middle(cached), middle(plain)


def edited(changed: Workflow, original: Workflow, registry: Registry) -> tuple[float, int]:
    """Seconds for a document of which another version is remembered, and how many nodes ran: medians."""
    found = []
    for _ in range(REPEATS):
        with Engine(registry) as engine:
            engine.run(original, listener=ignore)
            started = time.perf_counter()
            outcome = engine.run(changed, listener=ignore)
            found.append((time.perf_counter() - started, len(outcome.ran)))
    return sorted(found)[REPEATS // 2]


def edits(cold: float, cached: float) -> None:
    """One node in the middle of 10,000 changes."""
    registry = Registry()
    registry.add_module(sys.modules[__name__])
    length = 10_000
    middle = str(length // 2)
    original = chain(length)
    changed = original.with_input(middle, "value", 10**9)  # so that no value below was ever seen
    took, ran = edited(changed, original, registry)
    expected = cached + cold * ran / length
    print(f"one node changed in the middle: {took * 1e3:.0f} ms, {ran:,} nodes ran; beside cached and what runs: "
          f"x {took / expected:.2f}")  # fmt: skip
    nodes = {**original.nodes, middle: Node("Round", {"value": Reference(str(length // 2 - 1), "INT"), "to": 10**6})}
    took, ran = edited(Workflow(nodes).with_input(middle, "to", 10**7), Workflow(nodes), registry)
    print(f"it gives what it gave before: {took * 1e3:.0f} ms, {ran:,} nodes ran; beside cold: x {took / cold:.2f}")


def parallel() -> None:
    """Independent nodes that wait."""
    registry = Registry()
    registry.add_module(sys.modules[__name__])
    naps = {str(index): Node("Nap", {"number": index}) for index in range(8)}
    ends = {f"k{index}": Node("Keep", {"value": Reference(str(index), "INT")}) for index in range(8)}
    with Engine(registry) as engine:
        took = cost(lambda: engine.run(Workflow({**naps, **ends}))).wall
    print(f"eight nodes of 0.2 s: {took:.3f} s, x {took / 1.6:.2f} of one after the other (aim {PARALLEL_AIM} s: "
          f"x {took / PARALLEL_AIM:.2f})")  # fmt: skip


def main() -> None:
    """Print the table."""
    measure(10)  # imports and first-time work
    print(f"{'nodes':>7} {'cold us/node':>13} {'of aim':>7} {'cached us/node':>15} {'of aim':>7} {'plain us/node':>14}")
    found = {}
    for length in (100, 1_000, 10_000):
        cold, cached, plain = found[length] = measure(length)
        print(
            f"{length:7} {cold.wall / length * 1e6:13.1f} {cold.wall / length / COLD_AIM:7.2f} "
            f"{cached.wall / length * 1e6:15.1f} {cached.wall / length / CACHED_AIM:7.2f} "
            f"{plain.wall / length * 1e6:14.2f}"
        )
    for smaller, larger in ((100, 1_000), (1_000, 10_000)):
        cold, cached = (found[larger][index].cpu / found[smaller][index].cpu for index in (0, 1))
        print(f"{smaller} -> {larger} nodes: processor time x {cold:.1f} cold, x {cached:.1f} cached (aim: at most 11)")
    edits(found[10_000][0].wall, found[10_000][1].wall)
    parallel()


if __name__ == "__main__":
    main()
