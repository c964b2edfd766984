"""What a cache remembers under a key: the result of a call, or the lazy inputs that a call asked for.

A mark identifies one value. `content` marks are fingerprints of the value itself; `recipe` marks stand for values that
have none (model handles) and are made from the key of the call that gave them. A value whose call has no key of its own
has no mark: nothing below it can be reused by recipe or by value.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from graph.node_types.context import Artifact
from graph.node_types.warnings import NO_WARNINGS, NodeWarnings

Key = bytes
Fingerprint = bytes
CONTENT, RECIPE = b"c", b"r"
WARNED = b"warned"
"""Before a key: what the node warned of, for runs that do not look at its result."""


class Result:
    """The result of a call. `values` is None once a cache had to let them go; the marks stay.

    Equal calls, and all keys of one call, share one object. `seconds` is what the call took, and what it would take
    again. `on_disk` says that the values can be read back.
    """

    __slots__ = ("artifacts", "fingerprints", "on_disk", "seconds", "values", "warned")

    def __init__(
        self,
        values: tuple[Any, ...] | None,
        fingerprints: tuple[Fingerprint | None, ...] = (),
        artifacts: tuple[Artifact, ...] = (),
        seconds: float = 0.0,
        *,
        warned: NodeWarnings = NO_WARNINGS,
        on_disk: bool = False,
    ) -> None:
        self.values = values
        self.fingerprints = fingerprints
        self.artifacts = artifacts
        self.seconds = seconds
        self.warned = warned
        self.on_disk = on_disk


@dataclass(frozen=True, slots=True)
class RequestedInputs:
    """A call got as far as asking for these lazy inputs; their keys or marks lead on to the next question or result."""

    names: tuple[str, ...]
