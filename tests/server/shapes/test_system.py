"""The installation: what a worker is before it says anything, and what is told of its death."""

from __future__ import annotations

import json
import time
from typing import Any

import msgspec
import pytest

from server.shapes.encoding import encode
from server.shapes.system import Failure, LaunchCode, Notice, SignedOut, SystemInfo, WorkerInfo

FAILURE = {"cause": "signal", "message": "It was killed.", "node": "1", "run": "r", "at": 2.0, "details": "x"}


def test_a_worker_that_was_not_heard_of_is_starting_and_has_not_failed() -> None:
    assert json.loads(encode(WorkerInfo())) == {
        "state": "starting", "message": "Starting the worker.", "since": 0.0, "device": "", "last_failure": None
    }  # fmt: skip


def test_the_attempt_that_a_death_ended_is_told_only_if_there_was_one() -> None:
    read = msgspec.convert(FAILURE, Failure)
    assert json.loads(encode(read)) == FAILURE
    assert json.loads(encode(msgspec.structs.replace(read, attempt=3))) == {**FAILURE, "attempt": 3}


def test_a_death_has_the_time_at_which_it_was_noticed() -> None:
    begun = time.time()
    failure = Failure("exit", "It exited.")
    assert begun <= failure.at <= time.time()
    assert (failure.node, failure.run, failure.details) == ("", "", "")


@pytest.mark.parametrize("shape", [Failure("exit", "It exited."), WorkerInfo()])
def test_what_was_told_of_a_worker_is_not_changed_afterwards(shape: Any) -> None:
    with pytest.raises(AttributeError, match="immutable"):
        shape.message = "another"


@pytest.mark.parametrize(
    ("data", "shape", "words"),
    [
        ({"state": "busy"}, WorkerInfo, "Invalid enum value 'busy'"),
        ({"last_failure": {"cause": "exit"}}, WorkerInfo, "required field `message`"),
        ({"since": "now"}, WorkerInfo, "Expected `float`"),
        ({**FAILURE, "attempt": None}, Failure, "Expected `int`"),
        ({"code": "disk", "message": "It is full."}, Notice, "required field `at`"),
        ({"code": 3}, LaunchCode, "Expected `str`"),
        ({"signed_out": "yes"}, SignedOut, "Expected `bool`"),
        ({"name": "Jacquard", "version": "1", "versions": {"torch": 2}, "epoch": "e", "worker": {}, "folders": []},
         SystemInfo, "`$.versions[...]`"),
    ],
)  # fmt: skip
def test_words_and_types_that_are_none_are_refused(data: dict[str, Any], shape: Any, words: str) -> None:
    with pytest.raises(msgspec.ValidationError) as caught:
        msgspec.convert(data, shape)
    assert words in str(caught.value)
