"""The services of a run that a node may use: progress, previews, warnings, files, cancellation, log.

A node takes a parameter of type `NodeContext` to get them. It never sees the engine.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from graph.base.errors import NodeError
from graph.files.folders import Files
from graph.node_types import report_checks
from graph.node_types.warnings import in_words

PREVIEW_INTERVAL_SECONDS = 0.1


class CancelledError(Exception):
    """The run was cancelled. A node raises this, or lets it pass through."""


class CancelToken:
    """Cancels one run. Cooperative: nodes check it at every step."""

    def __init__(self) -> None:
        self._flag = threading.Event()
        self._lock = threading.RLock()  # reentrant: a signal handler may cancel at any moment
        self._calls: dict[int, Callable[[], None]] = {}

    def cancel(self) -> None:
        """Cancel the run. Safe from any thread, more than once."""
        with self._lock:
            self._flag.set()
            calls = list(self._calls.values())
        for call in calls:
            call()

    def on_cancel(self, call: Callable[[], None]) -> Callable[[], None]:
        """Register a callback for cancellation, called at once if the run is cancelled already; return its removal.

        The callback runs in the thread that cancels, perhaps in a signal handler or under locks: it must not block.
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
        """Whether the run was cancelled."""
        return self._flag.is_set()


@dataclass(frozen=True, slots=True)
class Artifact:
    """A file that a node made for a person to see: a picture in one of the folders.

    `folder` is a folder kind ("output", "temp"), `name` the path inside it with forward slashes. `label` is a short
    text that says what it shows. Pictures with labels are shown as a strip to go through, one at a time.
    """

    folder: str
    name: str
    media: str = "image/png"
    label: str = ""


@dataclass(frozen=True, slots=True)
class RunRecord:
    """The facts about a run that are written into saved pictures; computed only when a node asks."""

    run_id: str
    workflow: Callable[[], Mapping[str, Any]] = dict
    details: Callable[[], Mapping[str, Any]] = dict


NO_WORDS: Mapping[str, Any] = MappingProxyType({})
"""The `words` of most nodes: none."""

Report = Callable[[float, float, bytes | None], None]
"""Reports progress to the run: value, maximum, encoded preview."""


def _no_report(value: float, maximum: float, preview: bytes | None) -> None:
    """The default: report nothing."""


def _no_folder() -> Path | None:
    """The default: there is no place."""
    return None


def _ignore_warning(message: str) -> None:
    """The default: report nothing."""


@dataclass(slots=True)
class NodeContext:
    """The services of a run, for one call of a node."""

    files: Files
    record: RunRecord
    token: CancelToken = field(default_factory=CancelToken)
    previews: bool = False
    report: Report = _no_report
    log: logging.Logger = field(default_factory=lambda: logging.getLogger("jacquard.node"))
    artifacts: list[Artifact] = field(default_factory=list)
    deferred_effects: list[Callable[[], None]] | None = None
    """Effects to perform in order after the node returned; None where they are performed at once."""
    words: Mapping[str, Any] = field(default_factory=lambda: NO_WORDS)
    """The values of workflow words in file names: 'KSampler.seed' -> 77."""
    report_warning: Callable[[str], None] = _ignore_warning
    """Reports a warning to the run."""
    unfinished: Callable[[], Path | None] = _no_folder
    """Gives a folder for what the node has worked out so far (see `docs/writing-nodes.md`), or None.

    The folder belongs to this call with these inputs, and outlives the process. It is removed when the result is in the
    disk cache; that of a result that cannot lie there, such as a model, stays, and the call may end at once next time.
    There is none where nothing tells the call from others, and where the disk cannot be written to.
    """
    _last_preview: float = 0.0

    @property
    def cancelled(self) -> bool:
        """Whether the run was cancelled."""
        return self.token.cancelled

    def check_cancelled(self) -> None:
        """Raise `CancelledError` if the run was cancelled; call it in every long loop."""
        if self.token.cancelled:
            raise CancelledError

    def progress(self, value: float, maximum: float, preview: Callable[[], bytes | None] | None = None) -> None:
        """Report progress; raises `CancelledError` if the run was cancelled.

        `preview` returns an encoded picture (JPEG or PNG), or None. It is called only when previews are shown, and at
        most ten times a second, so that previews never slow the work.
        """
        self.check_cancelled()
        picture = None
        if preview is not None and self.previews and time.monotonic() - self._last_preview >= PREVIEW_INTERVAL_SECONDS:
            picture = preview()
            self._last_preview = time.monotonic()
        self.report(value, maximum, picture)

    def warn(self, message: str) -> None:
        """Warn that the result may not be what a person expects, and say what to do about it.

        The warning is shown on the node and belongs to the result: it is shown again whenever the result is reused. If
        there is no result, raise `NodeError` instead.
        """
        self.report_warning(in_words(message))

    def in_turn(self, act: Callable[[], None]) -> None:
        """Perform a lasting effect, such as writing the next numbered file, in the order of a stream's items.

        Outside streams and loops `act` is called at once. Inside, it is called after the node returned, when every
        earlier item has passed the node or never will. Do slow work, such as encoding, before this call. An exception
        of `act` fails the node.
        """
        if self.deferred_effects is None:
            act()
        else:
            self.deferred_effects.append(act)

    def show(self, artifact: Artifact) -> None:
        """Show an artifact on the node; it is shown again whenever the result is reused."""
        self.artifacts.append(checked(artifact))


def checked(artifact: object) -> Artifact:
    """Return a valid artifact; raises `NodeError` for any other object, and for invalid names."""
    if type(artifact) is not Artifact:
        message = f"show() got {type(artifact).__name__}; expected an Artifact"
        raise NodeError(message, remedy='write ctx.show(Artifact("output", name))')
    report_checks.check_artifact(artifact.folder, artifact.name, artifact.media, artifact.label)
    return artifact
