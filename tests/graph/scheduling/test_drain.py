"""A run is drained when reading and writing is all that is left: it is reported then, and once."""

from __future__ import annotations

import threading

import pytest

from graph.scheduling.drain import Drain
from graph.scheduling.lanes import Task
from tests.support.toys import PATIENCE


def tasks(lanes: str) -> dict[str, Task]:
    """Tasks named by the initial of their lane and a number: `"cci"` gives c0, c1 and i2."""
    names = {"c": "cpu", "d": "device", "i": "io"}
    return {f"{initial}{number}": Task(names[initial]) for number, initial in enumerate(lanes)}  # type: ignore[arg-type]


def reported_after(lanes: str, ended: str) -> list[str]:
    """The tasks at whose end the drain was reported, as tasks end in an order."""
    found = tasks(lanes)
    reports: list[str] = []
    ending = ""
    drain = Drain(lambda: reports.append(ending))
    drain.add(found.values())
    for ending in ended.split():
        drain.done(found[ending])
    return reports


@pytest.mark.parametrize(
    ("lanes", "ended", "reported"),
    [
        ("ci", "c0 i1", ["c0"]),
        ("di", "d0 i1", ["d0"]),
        ("cdi", "c0 d1 i2", ["d1"]),
        ("cdii", "d1 i2 c0 i3", ["c0"]),
        ("ci", "i1 c0", []),
        ("cd", "c0 d1", []),
        ("ii", "i0 i1", []),
    ],
)
def test_it_is_reported_when_the_last_task_ends_that_is_not_io_while_io_is_left(
    lanes: str, ended: str, reported: list[str]
) -> None:
    assert reported_after(lanes, ended) == reported


def test_a_task_that_came_later_is_waited_for() -> None:
    reports: list[bool] = []
    drain = Drain(lambda: reports.append(True))
    found = tasks("cic")
    drain.add([found["c0"], found["i1"]])
    drain.add([found["c2"]])
    drain.done(found["c0"])
    assert reports == []
    drain.done(found["c2"])
    assert reports == [True]


def test_it_is_reported_once_though_more_work_comes_and_ends() -> None:
    reports: list[bool] = []
    drain = Drain(lambda: reports.append(True))
    found = tasks("ciic")
    drain.add([found["c0"], found["i1"], found["i2"]])
    drain.done(found["c0"])
    drain.add([found["c3"]])
    drain.done(found["c3"])
    assert reports == [True]


def test_who_is_told_may_add_more_work() -> None:
    found = tasks("cic")
    drain = Drain(lambda: drain.add([found["c2"]]))
    drain.add([found["c0"], found["i1"]])
    ending = threading.Thread(target=drain.done, args=[found["c0"]], daemon=True)
    ending.start()
    ending.join(PATIENCE)
    assert not ending.is_alive(), "the lock is held while it is reported"
