"""What a worker says goes out in order for each run, and two runs do not get into each other's way."""

from __future__ import annotations

import json
import os
import select
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from commands.outbox import Outbox
from graph.base.errors import Problem
from graph.running import events
from server.shapes.worker_messages import Done
from server.workers import frames


@pytest.fixture
def pipe() -> Iterator[tuple[Outbox, Any]]:
    heard, said = os.pipe()
    with os.fdopen(heard, "rb") as reader, os.fdopen(said, "wb") as writer:
        yield Outbox(writer), reader


DONE = Done(run="a", status="finished", problems=[], problem_count=0)


@dataclass(frozen=True)
class Heard:
    """A message, read."""

    data: dict[str, Any]
    payload: bytes

    @property
    def type(self) -> str:
        return str(self.data["type"])


def hear(reader: Any, last: str) -> list[Heard]:
    """Everything up to the message of some type."""
    heard: list[Heard] = []
    while not heard or heard[-1].type != last:
        frame = frames.read_blocking(reader)
        assert frame is not None
        heard.append(Heard(frames.read_object(frame), frame.payload))
    return heard


def events_in(message: Heard) -> list[dict[str, Any]]:
    """The events of a batch, which come as JSON behind its head."""
    found: list[dict[str, Any]] = json.loads(message.payload) if message.type == "events" else []
    return found


def told(heard: list[Heard], run: str) -> list[tuple[int, Any]]:
    batches = [events_in(message) for message in heard if message.data.get("run") == run]
    return [(event["number"], event.get("value")) for batch in batches for event in batch]


def test_events_of_two_runs_are_told_apart_and_in_order(pipe: tuple[Outbox, Any]) -> None:
    outbox, reader = pipe
    for number in range(1, 1501):
        outbox.listen(events.NodeStarted(f"run {number % 2}", number, "1"))
    outbox.send(DONE)
    heard = hear(reader, "done")
    for run in (0, 1):
        assert [number for number, _ in told(heard, f"run {run}")] == [n for n in range(1, 1501) if n % 2 == run]
    assert all(event["run"] == m.data["run"] for m in heard for event in events_in(m))
    assert all(len(events_in(m)) <= 500 for m in heard)


def test_newer_progress_takes_the_place_of_older_of_the_same_run_only(pipe: tuple[Outbox, Any]) -> None:
    outbox, reader = pipe
    with outbox.together():  # so that all of it goes into one batch
        for number in (1, 2):
            for run in ("a", "b"):
                outbox.listen(events.NodeProgressed(run, number, "1", number, 2, f"{run}{number}".encode()))
        outbox.send(DONE)
    heard = hear(reader, "done")
    assert told(heard, "a") == told(heard, "b") == [(2, 2.0)]
    previews = {message.data["run"]: message.payload for message in heard if message.type == "preview"}
    assert previews == {"a": b"a2", "b": b"b2"}


def test_of_many_items_that_failed_the_first_have_a_traceback(pipe: tuple[Outbox, Any]) -> None:
    outbox, reader = pipe
    for _ in ("first attempt", "second"):
        for number in range(1, 101):
            problem = Problem("node_failed", f"{number}")
            outbox.listen(events.ItemFailed("a", number, "1", (number,), problem, "Traceback"))
        outbox.send(DONE)
        heard = hear(reader, "done")
        failed = [event for m in heard for event in events_in(m)]
        assert [bool(event["traceback"]) for event in failed] == [True] * 20 + [False] * 80
        assert [event["problem"]["message"] for event in failed] == [f"{number}" for number in range(1, 101)]


def test_what_has_settled_is_in_the_pipe(pipe: tuple[Outbox, Any]) -> None:
    outbox, reader = pipe
    outbox.flush_messages()  # nothing was said
    outbox.listen(events.NodeStarted("a", 1, "1"))
    outbox.send(DONE)
    outbox.flush_messages()
    assert select.select([reader], [], [], 0)[0]
    os.set_blocking(reader.fileno(), False)
    assert [message.type for message in hear(reader, "done")] == ["events", "done"]
