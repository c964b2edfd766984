"""What comes next is looked at once, and remembered results that it wants go last."""

from __future__ import annotations

import json
import queue
import threading
from collections.abc import Collection, Iterable, Iterator
from typing import Any

import pytest

from commands.worker_jobs import Forecast, forecast, look_ahead
from graph.document.workflow import Workflow
from graph.engine import Engine
from graph.node_types.registry import Registry
from graph.results.result import Key
from server.shapes.worker_messages import Expect, ExpectedRun
from tests.support import server_nodes


class Watched(Engine):
    """An engine that notes what it was asked."""

    looked_at: list[str]
    told: queue.SimpleQueue[list[Collection[Key]]]

    def wanted(self, workflow: Workflow, targets: Iterable[str] | None = None) -> frozenset[Key]:
        self.looked_at.append(workflow.title)
        return super().wanted(workflow, targets)

    def expect(self, queued: Iterable[Collection[Key]]) -> None:
        keys = list(queued)
        super().expect(keys)
        self.told.put(keys)


@pytest.fixture
def engine() -> Iterator[Watched]:
    registry = Registry()
    registry.add_module(server_nodes)
    with Watched(registry) as made:
        made.looked_at, made.told = [], queue.SimpleQueue()
        yield made


def document(title: str, node_type: str = "Keep") -> dict[str, Any]:
    return {"jacquard": 1, "title": title, "nodes": {"1": {"type": node_type, "inputs": {"value": len(title)}}}}


def telling(*runs: str, **documents: object) -> Forecast:
    texts = {run: json.dumps(documents[run]).encode() if run in documents else b"" for run in runs}
    told = [ExpectedRun(run=run, targets=None, size=len(text)) for run, text in texts.items()]
    return forecast(Expect(runs=told), b"".join(texts.values()))


def test_each_document_is_looked_at_once(engine: Watched) -> None:
    expected: queue.SimpleQueue[Forecast] = queue.SimpleQueue()
    threading.Thread(target=look_ahead, args=(expected, engine), daemon=True).start()
    expected.put(telling("1", "2", "3", **{"1": document("a"), "2": document("bb"), "3": document("ccc")}))
    first, second, third = engine.told.get(timeout=20)
    assert len({*first, *second, *third}) == 3
    expected.put(telling("2", "3", "4", **{"4": document("dddd", "Unknown")}))
    assert engine.told.get(timeout=20) == [second, third, frozenset()]
    expected.put(telling("5", "3", **{"5": "no document"}))
    assert engine.told.get(timeout=20) == [frozenset(), third]
    assert engine.looked_at == ["a", "bb", "ccc", "dddd"]
