"""What the tests of scripts share: a session with toy node types, and a workflow in it."""

import signal
from contextlib import nullcontext

import pytest

from graph.scripting.script import ScriptWorkflow


class ToySession:
    """A session that knows toys. Values for a BOX may be given as a list of one."""

    def __init__(self, engine):
        self.engine = engine
        self.registry = engine.registry
        self.files = engine.files
        self.shown = []

    def to_value(self, item, value):
        from graph.api import NodeError
        from tests.support.toys import Box

        if value == {"a": "bad box"}:
            raise NodeError("the box is bad", remedy="take a good one")
        return Box(value[0]) if item.type.name == "BOX" and isinstance(value, list) else value

    def own_copy(self, value):
        return value

    def progress(self, workflow, shown):
        self.shown.append(shown)
        return nullcontext(self.shown.append if shown else None)


@pytest.fixture
def session(engine):
    return ToySession(engine)


@pytest.fixture
def w(session):
    return ScriptWorkflow(session)


@pytest.fixture(autouse=True)
def ctrl_c():
    """Let Ctrl+C raise, as in a program of its own: a worker of pytest-xdist ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
