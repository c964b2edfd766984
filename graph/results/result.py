"""The result of a call, as caches store it: its values, or the lazy inputs that the call requested.

A fingerprint identifies one value. `CONTENT` fingerprints are digests of the value itself. `RECIPE` fingerprints stand
for values that have none (model handles) and are made from the key of the call that returned them. Where that call has
no key, its values have no fingerprint, and nothing that depends on them can be reused.
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
"""Prefix of keys under which the warnings of a node are stored, for runs that do not read its result."""


class Result:
    """The result of a call. `values` is None after a cache evicted them; the fingerprints stay.

    Equal calls share one result object, as do all keys of one call. `seconds` is how long the call took. `on_disk` says
    whether the values can be read back from the disk tier.
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
    """The lazy inputs that a call requested; their keys or fingerprints lead on to the next request or the result."""

    names: tuple[str, ...]
