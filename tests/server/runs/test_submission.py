"""What comes in as a document is read without a stop for the garbage collector, which would grow with the document."""

from __future__ import annotations

import gc
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from graph.files.folders import Files
from graph.node_types.registry import Registry
from server.requests import json_body
from server.runs.submission import prepare
from server.workers import frames
from tests.support import server_nodes

NODES = {str(index): {"type": "Keep", "inputs": {"value": index}} for index in range(5_000)}
DOCUMENT = {"jacquard": 1, "nodes": NODES}


@contextmanager
def collections() -> Iterator[list[int]]:
    """How many objects the collector had to look at first each time when it ran meanwhile."""
    found: list[int] = []

    def note(phase: str, info: dict[str, int]) -> None:
        if phase == "start":
            found.append(info["generation"])

    gc.collect()
    gc.callbacks.append(note)
    try:
        yield found
    finally:
        gc.callbacks.remove(note)


@pytest.mark.long
def test_the_collector_rests_while_a_document_is_read() -> None:
    registry = Registry()
    registry.add_module(server_nodes)
    text = json.dumps(DOCUMENT)

    def read_and_check() -> object:
        return prepare(DOCUMENT, None, advance=True, registry=registry, trusted=True, files=Files())

    readers: list[Callable[[], object]] = [
        lambda: json_body.parse(text.encode()),
        lambda: frames.from_json(text.encode()),
        read_and_check,
    ]
    with collections() as plainly:
        json.loads(text)
    assert len(plainly) > 5  # it would not, left to itself
    for read in readers:
        with collections() as found:
            read()
        assert len(found) <= 1  # the one that was due when all was done
    assert gc.isenabled()
