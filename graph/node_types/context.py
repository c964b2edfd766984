"""What a running node may ask of its run: progress, previews, warnings, cancellation, files, log.

A node takes a parameter of type `NodeContext` to get one. It sees these few services and never the engine.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from graph.base.errors import NodeError
from graph.files.folders import Files
from graph.node_types import report_checks
from graph.node_types.warnings import in_words

PREVIEW_INTERVAL_SECONDS = 0.1


class CancelledError(Exception):
    """The run was cancelled; a node that notices raises this, or lets it pass through."""


class CancelToken:
    """One run's wish to stop. Cooperative: nodes look at it at every step."""

    def __init__(self) -> None:
        self._flag = threading.Event()
        self._lock = threading.RLock()  # a signal handler may cancel in the middle of anything
        self._calls: dict[int, Callable[[], None]] = {}

    def cancel(self) -> None:
        """Ask the run to stop; may be called from any thread, more than once."""
        with self._lock:
            self._flag.set()
            calls = list(self._calls.values())
        for call in calls:
            call()

    def on_cancel(self, call: Callable[[], None]) -> Callable[[], None]:
        """Have `call` called when somebody cancels, at once if somebody has; returns what takes this back.

        It is called by whoever cancels, perhaps in a signal handler or with locks held: it must not wait for any.
        """
        with self._lock:
            number = max(self._calls, default=0) + 1
            self._calls[number] = call
            cancelled = self._flag.is_set()
        if cancelled:
            call()
        return lambda: self._forget(number)

    def _forget(self, number: int) -> None:
        with self._lock:
            self._calls.pop(number, None)

    @property
    def cancelled(self) -> bool:
        """Whether someone asked the run to stop."""
        return self._flag.is_set()


@dataclass(frozen=True, slots=True)
class Artifact:
    """Something that a side-effect node made and a person may want to see: a picture in one of the folders.

    `folder` is a folder kind ("output", "temp"), `name` the path inside it with forward slashes.
    """

    folder: str
    name: str
    media: str = "image/png"


@dataclass(frozen=True, slots=True)
class RunRecord:
    """What is written into saved pictures about the run that made them; made only when a node asks for it."""

    run_id: str
    workflow: Callable[[], Mapping[str, Any]] = dict
    details: Callable[[], Mapping[str, Any]] = dict


NO_WORDS: Mapping[str, Any] = MappingProxyType({})
"""What most nodes have of them; one for all."""

Report = Callable[[float, float, bytes | None], None]
"""How a context tells its run about progress: value, maximum, encoded preview."""


def _no_report(value: float, maximum: float, preview: bytes | None) -> None:
    """Nobody listens."""


def _ignore_warning(message: str) -> None:
    """Nobody listens."""


@dataclass(slots=True)
class NodeContext:
    """A running node's view of its run."""

    files: Files
    record: RunRecord
    token: CancelToken = field(default_factory=CancelToken)
    previews: bool = False
    report: Report = _no_report
    log: logging.Logger = field(default_factory=lambda: logging.getLogger("jacquard.node"))
    artifacts: list[Artifact] = field(default_factory=list)
    deferred_effects: list[Callable[[], None]] | None = None
    """What is to be done in turn once the node has returned; None where it is its turn always."""
    words: Mapping[str, Any] = field(default_factory=lambda: NO_WORDS)
    """What the words of the workflow in the names of files stand for: 'KSampler.seed' -> 77."""
    report_warning: Callable[[str], None] = _ignore_warning
    """Takes a warning to the run."""
    _last_preview: float = 0.0

    @property
    def cancelled(self) -> bool:
        """Whether the run should stop."""
        return self.token.cancelled

    def check_cancelled(self) -> None:
        """Raise `CancelledError` if the run should stop; call it in every long loop."""
        if self.token.cancelled:
            raise CancelledError

    def progress(self, value: float, maximum: float, preview: Callable[[], bytes | None] | None = None) -> None:
        """Tell how far the node is; raises `CancelledError` when the run was cancelled.

        `preview` returns an encoded picture (JPEG or PNG), or None. It is called only when someone looks, and at most
        every tenth of a second, so that a preview never slows the work.
        """
        self.check_cancelled()
        picture = None
        if preview is not None and self.previews and time.monotonic() - self._last_preview >= PREVIEW_INTERVAL_SECONDS:
            picture = preview()
            self._last_preview = time.monotonic()
        self.report(value, maximum, picture)

    def warn(self, message: str) -> None:
        """Say that the result is there, but perhaps not what a person expects; and what to do about it.

        It is shown on the node, and belongs to the result: it is shown again whenever that is reused. For what cannot
        give a result, raise `NodeError` instead.
        """
        self.report_warning(in_words(message))

    def in_turn(self, act: Callable[[], None]) -> None:
        """Do something for good, such as writing the next numbered file, in the order of a stream's items.

        Outside of streams and loops `act` is called at once; in one, after the node has returned, when each item before
        this one has been through the node or never will. What takes long, such as encoding, belongs before it. What
        `act` raises is the node's failure.
        """
        if self.deferred_effects is None:
            act()
        else:
            self.deferred_effects.append(act)

    def show(self, artifact: Artifact) -> None:
        """Say that the node made something to look at; it is shown again whenever the result is reused."""
        self.artifacts.append(checked(artifact))


def checked(artifact: object) -> Artifact:
    """An artifact that can be told; raises `NodeError` for what is none, or names no file that can be."""
    if type(artifact) is not Artifact:
        message = f"show() got {type(artifact).__name__}; expected an Artifact"
        raise NodeError(message, remedy='write ctx.show(Artifact("output", name))')
    report_checks.check_artifact(artifact.folder, artifact.name, artifact.media)
    return artifact
