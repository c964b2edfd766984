"""A snapshot of a server that has done nothing yet, for tests of what is sent after it."""

from __future__ import annotations

from server.shapes.messages import Snapshot
from server.shapes.system import WorkerInfo


def nothing_yet(epoch: str = "", seq: int = 0, said: str = "") -> Snapshot:
    """What a newcomer is sent; `said` is what the worker says."""
    worker = WorkerInfo(message=said)
    return Snapshot(epoch=epoch, seq=seq, worker=worker, notices=[], queue=[], running=None, draining=[], recent=[])
