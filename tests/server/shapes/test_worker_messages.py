"""What server and worker send each other: every event of the engine, bounded, and nothing beside it."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, get_args

import msgspec
import pytest

from server.shapes.events import KINDS
from server.shapes.worker_messages import EVENTS, Done, FromWorker, ToWorker, WorkerEvent

STARTED = {"event": "node_started", "run": "r", "number": 1, "node": "1", "reason": None, "at": 1.0}


@pytest.mark.parametrize("name", KINDS)
def test_an_event_has_all_fields_of_the_engine_but_a_preview_and_the_time(name: str) -> None:
    told = {field.name for field in fields(KINDS[name])} - {"preview"}
    shape = EVENTS[name]
    assert set(shape.__struct_fields__) == told | {"at"}
    assert {field.name for field in msgspec.structs.fields(shape) if not field.required} <= {"keys"}


@pytest.mark.parametrize(
    "damage",
    [{"node": ""}, {"node": "x" * 1_001}, {"number": -1}, {"number": 2**53 + 1}, {"at": None}, {"more": 1},
     {"reason": {"code": "new"}}, {"event": "node_forgotten"}],
)  # fmt: skip
def test_an_event_that_is_too_long_too_large_or_says_more_is_refused(damage: dict[str, Any]) -> None:
    msgspec.convert(STARTED, WorkerEvent)
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({**STARTED, **damage}, WorkerEvent)


def test_messages_are_told_apart_by_their_type() -> None:
    for union in (FromWorker, ToWorker):
        tags = [kind.__struct_config__.tag for kind in get_args(union)]
        assert len(tags) == len(set(tags))
    text = b'{"type": "done", "run": "r", "status": "failed", "problems": [{"code": "x", "message": "y"}], '
    done = msgspec.json.decode(text + b'"problem_count": 1}', type=FromWorker)
    assert isinstance(done, Done)
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(text + b'"problem_count": 1, "more": 2}', type=FromWorker)
