"""Why a node of a run was called, where the cause is neither a literal nor an edge."""

import os

import pytest

from graph import events
from graph.forecast import forecast
from graph.workflow import Node, Workflow
from tests.support.toys import type_from


@pytest.fixture
def reason(engine):
    """Run one node; returns why it was called."""

    def reason(kind, inputs=None):
        told = []
        engine.run(Workflow({"n": Node(kind, inputs or {})}), ["n"], listener=told.append)
        return next(event.reason for event in told if isinstance(event, events.NodeStarted))

    return reason


def write(path, text, time):
    path.write_text(text)
    os.utime(path, (time, time))


def test_a_file_that_was_changed_is_named_with_its_times(reason, tmp_path):
    write(tmp_path / "input" / "a.png", "one", 1_000_000_000)
    reason("Choose", {"file": "a.png"})
    write(tmp_path / "input" / "a.png", "two", 1_100_000_000)
    found = reason("Choose", {"file": "a.png"})
    (change,) = found.inputs
    assert (found.code, change.name) == ("changed", "file")
    assert change.was.startswith("a.png of 2001-09-0")
    assert change.now.startswith("a.png of 2004-11-")


def test_another_answer_of_a_nodes_own_fingerprint_is_a_change(reason, registry):
    weather = ["rain"]

    def look() -> str:
        return weather[0]

    registry.add(type_from(look, id="Look", fingerprint=lambda: weather[0]))
    assert reason("Look").code == "new"
    weather[0] = "sun"
    assert reason("Look").message == "changed: fingerprint (rain -> sun)"


def test_it_is_foretold_alike(engine, reason, files, tmp_path):
    write(tmp_path / "input" / "a.png", "one", 1_000_000_000)
    reason("Choose", {"file": "a.png"})
    write(tmp_path / "input" / "a.png", "two", 1_100_000_000)
    (item,) = forecast(engine.check(Workflow({"n": Node("Choose", {"file": "a.png"})}), ["n"]), engine.cache, files)
    assert item.reason == reason("Choose", {"file": "a.png"})
