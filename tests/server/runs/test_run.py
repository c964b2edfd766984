"""A run as the API tells it."""

from __future__ import annotations

import json

import pytest

from server.runs.run import Run
from server.shapes.encoding import encode


@pytest.mark.parametrize(
    ("status", "ended"),
    [
        ("queued", False),
        ("running", False),
        ("finished", True),
        ("failed", True),
        ("cancelled", True),
        ("refused", True),
    ],
)
def test_a_run_ends_in_one_of_four_ways(status: str, ended: bool) -> None:
    assert Run("r", status=status).ended is ended


def test_a_run_over_which_a_worker_died_is_a_suspect() -> None:
    assert not Run("r").suspect
    assert Run("r", failures=[{"cause": "signal"}]).suspect


def test_how_long_it_took_is_known_once_it_has_ended() -> None:
    assert Run("r", started=10.0).info().seconds is None
    assert Run("r", finished=12.5).info().seconds is None
    assert Run("r", started=10.0, finished=12.5).info().seconds == 2.5


def test_its_position_is_that_of_the_queue_and_what_only_the_server_needs_is_not_told() -> None:
    told = json.loads(encode(Run("r", deaths=2, damaged=("title",), last_number=9).info(3)))
    assert told["position"] == 3
    assert Run("r").info().position is None
    assert not {"deaths", "damaged", "last_number"} & set(told)
