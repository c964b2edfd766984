"""Artifacts: pictures and other files that runs made, with their addresses on the server."""

from __future__ import annotations

import msgspec


class Artifact(msgspec.Struct, kw_only=True):
    """A file that a node made. Addresses are relative to the root of the server."""

    folder: str
    name: str
    media: str
    url: str
    thumbnail: str | None
    """Only for pictures."""
    label: str | msgspec.UnsetType = msgspec.UNSET
    """A short text that says what it shows."""
    item: list[int] | msgspec.UnsetType = msgspec.UNSET
    """The item of a stream that made it."""


class Output(msgspec.Struct, kw_only=True):
    """A file of the output folder, and the run that made it."""

    id: int
    run: str
    node: str
    folder: str
    name: str
    media: str
    url: str
    thumbnail: str | None
    """Only for pictures."""
    item: list[int] | msgspec.UnsetType = msgspec.UNSET
    """The item of a stream that made it."""
    width: int | None
    height: int | None
    bytes: int
    created: float


class Outputs(msgspec.Struct, kw_only=True):
    """A page of outputs, newest first."""

    outputs: list[Output]
    next: int | None
