"""The installation: its versions, its worker, and what a person should know about it."""

from __future__ import annotations

import time
from typing import Literal

import msgspec

WorkerPhase = Literal["starting", "ready", "running", "stopped"]


class Failure(msgspec.Struct, frozen=True):
    """A worker's death: what, and what it was doing."""

    cause: str
    message: str
    node: str = ""
    run: str = ""
    at: float = msgspec.field(default_factory=time.time)
    details: str = ""
    """The last that it wrote."""
    attempt: int | msgspec.UnsetType = msgspec.UNSET
    """Of a run: the attempt that it ended."""


class WorkerInfo(msgspec.Struct, kw_only=True, frozen=True):
    """The process that runs workflows."""

    state: WorkerPhase = "starting"
    message: str = "Starting the worker."
    since: float = 0.0
    device: str = ""
    last_failure: Failure | None = None


class WorkerAnswer(msgspec.Struct, kw_only=True):
    """The worker, as it is now."""

    worker: WorkerInfo


class SystemInfo(msgspec.Struct, kw_only=True):
    """Versions, worker and folders."""

    name: str
    version: str
    versions: dict[str, str]
    epoch: str
    worker: WorkerInfo
    folders: list[str]


class Notice(msgspec.Struct, kw_only=True):
    """What a person should know about the installation: a disk that is full, a file that was damaged."""

    code: str
    message: str
    at: float
