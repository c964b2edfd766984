"""Whatever a worker says, the server lives, the run ends or is done again with the cause, and the next run runs.

The damaged messages are made from the shapes in `server.shapes.worker_messages`, so that a new message, event or field
is among them.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from server.shapes.worker_messages import EVENTS, MESSAGES
from server.workers import frames, message_checks
from server.workers.frames import FrameError
from tests.support.serving import asynchronous
from tests.support.toy_server import serving
from tests.support.toy_worker import ToyWorker, frame_of

DOCUMENT = {"workflow": {"jacquard": 1, "nodes": {}}}
PICTURE = {"folder": "output", "name": "a.png", "media": "image/png"}
PROBLEM = {"code": "node_failed", "message": "it is broken"}
REASON = {"code": "new", "message": "new", "inputs": [{"name": "a", "was": "1", "now": "2"}]}
VALUES: dict[str, Any] = {
    "run": "r", "node": "1", "because": "1", "number": 1, "at": 1.0, "seconds": 0.5, "value": 1, "maximum": 2.0,
    "targets": ["1"], "to_run": ["1"], "reused": [], "blocked": [], "reason": REASON, "artifacts": [PICTURE],
    "keys": ["aa"], "how": "remembered", "problem": PROBLEM, "traceback": "Traceback", "item": [0],
    "status": "finished",
    "message": "Loading.", "device": "cpu", "media": "image/png", "problems": [PROBLEM], "problem_count": 1,
    "warnings": [{"message": "it is dark", "times": 2, "item": [0]}], "more": 0, "nodes": [],
    "packs": [], "sockets": {}, "pack": "a",
}  # fmt: skip
"""A good value of every field; a field that is new needs one here."""
DAMAGE: dict[str, Any] = {
    "null": None, "true": True, "text": "\ud83d", "long": "x" * 2_000_000, "number": -1, "float": 0.5,
    "huge": 10**400, "nan": float("nan"), "infinite": float("inf"), "list": [[]], "object": {"a": {"b": []}},
    "texts": ["\udc00"], "half": {"code": "x", "message": "\ud83d"},
    "file": [{"folder": "", "name": "a", "media": "b"}],
}  # fmt: skip
MISSING = object()


def good_event(kind: str, run: str, number: int = 1) -> dict[str, Any]:
    values = {name: VALUES[name] for name in EVENTS[kind].__struct_fields__}
    if kind == "item_finished":
        values["reused"] = False
    return {**values, "event": kind, "run": run, "number": number}


@dataclass(frozen=True)
class Message:
    """A message as a worker may say it."""

    data: dict[str, Any]
    payload: bytes = b""


def read(message: Message) -> message_checks.Received | None:
    return message_checks.read(frame_of(message.data, message.payload))


def good_message(kind: str, run: str) -> Message:
    if kind == "events":
        events = [good_event(name, run, number) for number, name in enumerate(EVENTS, 1)]
        return Message({"type": "events", "run": run, "events": events})
    data = {name: VALUES[name] for name in MESSAGES[kind].__struct_fields__}
    return Message({"type": kind, **data, **({"run": run} if "run" in data else {})}, b"\x89PNG\r\n\x1a\n")


def damaged(data: dict[str, Any], name: str, value: Any) -> dict[str, Any]:
    found = {**data, name: value}
    if value is MISSING:
        del found[name]
    return found


def variants(run: str) -> Iterator[tuple[str, Message]]:
    """Every message, damaged in each of its fields in each way; and every event."""
    ways = {"missing": MISSING, **DAMAGE}
    for kind, wanted in MESSAGES.items():
        whole = good_message(kind, run)
        for name in (*wanted.__struct_fields__, *(["events"] if kind == "events" else [])):
            for way, value in ways.items():
                yield f"{kind}.{name} {way}", Message(damaged(whole.data, name, value), whole.payload)
    for kind, event_shape in EVENTS.items():
        for name in ["event", *event_shape.__struct_fields__, "no such field"]:
            for way, value in ways.items():
                if name == "no such field" and value is MISSING:
                    continue
                event = damaged({**good_event(kind, run), name: 0}, name, value)
                if name != "no such field":
                    event = damaged(good_event(kind, run), name, value)
                yield f"{kind}.{name} {way}", Message({"type": "events", "run": run, "events": [event]})


@pytest.mark.parametrize("kind", MESSAGES)
def test_what_a_worker_says_is_good(kind: str) -> None:
    assert read(good_message(kind, "r"))


@pytest.mark.long
def test_every_damage_is_either_harmless_or_refused_in_words() -> None:
    refused = 0
    for name, message in variants("r"):
        try:
            read(message)
        except FrameError as error:
            refused += 1
            assert 10 < len(str(error)) < 300, name
        else:
            json.dumps(message.data, allow_nan=False).encode()
            assert "\\ud83d" not in json.dumps(message.data), name
    assert refused > 1_000


class Workers:
    """Makes toys, and keeps them."""

    def __init__(self) -> None:
        self.made: list[ToyWorker] = []

    def __call__(self) -> ToyWorker:
        self.made.append(ToyWorker(quick=False))
        return self.made[-1]


async def until(condition: Any) -> None:
    while not condition():
        await asyncio.sleep(0)


@pytest.mark.long
@asynchronous
async def test_whatever_a_worker_says_the_run_ends_with_a_cause_and_the_next_run_runs(tmp_path: Path) -> None:
    workers = Workers()
    async with serving(tmp_path, workers) as (client, services):
        services.supervisor.first_pause = 0.0
        tried = 0
        # Of each field one damage that is refused; that each is, or is harmless, is shown above.
        names = {name.split(" ")[0]: name for name, message in variants("r") if not _is_fine(message)}
        for name, field in names.items():
            run = (await (await client.post("/api/v1/runs", json=DOCUMENT)).json())["run"]["id"]
            after = (await (await client.post("/api/v1/runs", json=DOCUMENT)).json())["run"]["id"]
            await until(lambda run=run: any(job.run == run for job in workers.made[-1].jobs))
            message = next(message for where, message in variants(run) if where == field)
            before = len(workers.made)
            workers.made[-1].say_exactly(message.data, message.payload)
            if name.startswith("catalogue"):
                workers.made[-1].finish(run)
            else:
                await until(lambda before=before: len(workers.made) > before)
                assert services.supervisor.state.last_failure is not None
                assert services.supervisor.state.last_failure.cause == "protocol", field
                await until(lambda run=run: any(job.run == run for job in workers.made[-1].jobs))
                workers.made[-1].finish(run)
            await until(lambda after=after: any(job.run == after for job in workers.made[-1].jobs))
            workers.made[-1].finish(after)
            await until(lambda: not services.dispatcher.attempts)
            for one in (run, after):
                assert (await (await client.get(f"/api/v1/runs/{one}")).json())["run"]["status"] == "finished", field
            tried += 1
        assert tried > 60


def _is_fine(message: Message) -> bool:
    try:
        read(message)
    except FrameError:
        return False
    return True


@pytest.mark.parametrize(
    "numbers", [[1, 1], [2, 1], [1, 3, 2]], ids=["twice", "out of order", "out of order in the middle"]
)
@asynchronous
async def test_events_out_of_order_are_not_taken_and_the_run_fails_after_three_workers(
    tmp_path: Path, numbers: list[int]
) -> None:
    workers = Workers()
    async with serving(tmp_path, workers) as (client, services):
        run = (await (await client.post("/api/v1/runs", json=DOCUMENT)).json())["run"]["id"]
        for life in range(3):
            await until(lambda life=life: len(workers.made) == life + 1 and workers.made[-1].jobs)
            events = [{"event": "node_started", "node": "1", "number": number} for number in numbers]
            workers.made[-1].say(type="events", run=run, events=events)
        await until(lambda: not services.dispatcher.attempts and not services.queue_order.run_ids)
        ended = (await (await client.get(f"/api/v1/runs/{run}")).json())["run"]
        assert (ended["status"], len(ended["failures"])) == ("failed", 3)
        assert "something invalid" in ended["problems"][0]["message"]


@asynchronous
async def test_what_is_said_of_a_run_that_the_worker_does_not_have_changes_nothing(tmp_path: Path) -> None:
    workers = Workers()
    async with serving(tmp_path, workers) as (client, services):
        runs = [(await (await client.post("/api/v1/runs", json=DOCUMENT)).json())["run"]["id"] for _ in range(2)]
        await until(lambda: workers.made and workers.made[-1].jobs)
        worker = workers.made[-1]
        for kind, wanted in MESSAGES.items():
            if "run" in wanted.__struct_fields__:
                for other in ("another", runs[1]):  # nobody's, and one that is queued
                    message = good_message(kind, other)
                    worker.say_exactly(message.data, message.payload)
        for _ in range(3):
            worker.finish(runs[0])  # once is enough
        await until(lambda: len(worker.jobs) == 2)
        assert [job.run for job in worker.jobs] == runs
        worker.finish(runs[1])
        await until(lambda: not services.dispatcher.attempts)
        assert len(workers.made) == 1


@asynchronous
async def test_a_fault_of_the_server_itself_ends_neither_the_watch_nor_the_queue(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workers = Workers()
    async with serving(tmp_path, workers) as (client, services):
        services.supervisor.first_pause = 0.0
        run = (await (await client.post("/api/v1/runs", json=DOCUMENT)).json())["run"]["id"]
        await until(lambda: workers.made and workers.made[-1].jobs)

        def broken(*_: object) -> None:
            raise RuntimeError("a fault of ours")

        with monkeypatch.context() as patched:
            patched.setattr(services.supervisor, "active_calls", broken)
            workers.made[-1].kill()
            await until(lambda: services.supervisor.state.last_failure is not None)
        assert services.supervisor.state.last_failure is not None
        assert services.supervisor.state.last_failure.cause == "watch"
        await until(lambda: len(workers.made) == 2 and workers.made[-1].jobs)
        workers.made[-1].finish(run)
        await until(lambda: not services.dispatcher.attempts)
        assert (await (await client.get(f"/api/v1/runs/{run}")).json())["run"]["status"] == "finished"


@pytest.mark.parametrize(
    "data", [b"\0\0\0\x05hello\0\0\0\0", b"\xff\xff\xff\xff", b"\0\0\0\x02[]\0\0\0\0", b"\0\0\0\x02{", b"\0\0"]
)
@asynchronous
async def test_a_frame_that_is_none_or_cut_is_an_error_or_the_end(data: bytes) -> None:
    reader = asyncio.StreamReader()
    reader.feed_data(data)
    reader.feed_eof()
    try:
        frame = await frames.read(reader)
        assert frame is None or message_checks.read(frame)
    except FrameError as error:
        assert str(error)
