"""The installation: versions, worker and notices."""

from __future__ import annotations

import time
from typing import Literal

import msgspec

WorkerPhase = Literal["starting", "ready", "running", "stopped"]


class Failure(msgspec.Struct, frozen=True):
    """The death of a worker: the cause, and the node that was being called."""

    cause: str
    message: str
    node: str = ""
    run: str = ""
    at: float = msgspec.field(default_factory=time.time)
    details: str = ""
    """The end of its standard error."""
    attempt: int | msgspec.UnsetType = msgspec.UNSET
    """The attempt of the run that it ended."""


class WorkerInfo(msgspec.Struct, kw_only=True, frozen=True):
    """The process that runs workflows."""

    state: WorkerPhase = "starting"
    message: str = "Starting the worker."
    since: float = 0.0
    device: str = ""
    last_failure: Failure | None = None


class WorkerAnswer(msgspec.Struct, kw_only=True):
    """The present state of the worker."""

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
    """A notice about the installation: a full disk, a damaged file."""

    code: str
    message: str
    at: float


class SignedOut(msgspec.Struct, kw_only=True):
    """Whether there was a session to end."""

    signed_out: bool


class LaunchCode(msgspec.Struct, kw_only=True):
    """A code that signs a browser in once."""

    code: str
