"""What the engine itself costs: chains of trivial nodes, cold and with everything remembered, in this process.

Reference: the aims of at most 100 microseconds a node cold and 30 cached, and growth no more than linear (ten times the
nodes, at most eleven times the time). Beside it, for a sense of scale, the same functions called in a plain loop.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from graph.api import Registry, node
from graph.engine import Engine
from graph.workflow import Node, Reference, Workflow

COLD_AIM, CACHED_AIM, REPEATS = 100e-6, 30e-6, 5


@node("Increment", category="bench")
def increment(value: int = 0) -> int:
    """Add one."""
    return value + 1


@node("Keep", category="bench", side_effect=True)
def keep(value: int = 0) -> None:
    """Take the end of the chain."""


def chain(length: int) -> Workflow:
    """A chain of increments with a side effect at its end."""
    nodes = {"0": Node("Increment", {"value": 1})}
    for index in range(1, length):
        nodes[str(index)] = Node("Increment", {"value": Reference(str(index - 1), "INT")})
    return Workflow({**nodes, "end": Node("Keep", {"value": Reference(str(length - 1), "INT")})})


def seconds(work: Callable[[], object]) -> float:
    """How long some work takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def ignore(_: object) -> None:
    """Take an event and do nothing."""


def plain_loop(length: int) -> None:
    """The same calls without an engine."""
    value = 1
    for _ in range(length):
        value = increment(value)


def measure(length: int) -> tuple[float, float, float]:
    """Seconds cold, cached and in a plain loop: medians."""
    registry = Registry()
    registry.add_module(sys.modules[__name__])
    workflow = chain(length)
    cold, cached, plain = [], [], []
    for _ in range(REPEATS):
        with Engine(registry) as engine:
            cold.append(seconds(lambda: engine.run(workflow, listener=ignore)))
            cached.append(seconds(lambda: engine.run(workflow, listener=ignore)))
        plain.append(seconds(lambda: plain_loop(length)))
    return statistics.median(cold), statistics.median(cached), statistics.median(plain)


def main() -> None:
    """Print the table."""
    measure(10)  # imports and first-time work
    print(f"{'nodes':>7} {'cold us/node':>13} {'of aim':>7} {'cached us/node':>15} {'of aim':>7} {'plain us/node':>14}")
    found = {}
    for length in (100, 1_000, 10_000):
        cold, cached, plain = found[length] = measure(length)
        print(
            f"{length:7} {cold / length * 1e6:13.1f} {cold / length / COLD_AIM:7.2f} "
            f"{cached / length * 1e6:15.1f} {cached / length / CACHED_AIM:7.2f} {plain / length * 1e6:14.2f}"
        )
    for smaller, larger in ((100, 1_000), (1_000, 10_000)):
        growth = [found[larger][index] / found[smaller][index] for index in (0, 1)]
        print(f"{smaller} -> {larger} nodes: time x {growth[0]:.1f} cold, x {growth[1]:.1f} cached (aim: at most 11)")


if __name__ == "__main__":
    main()
