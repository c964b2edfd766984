"""Pictures and other files that runs made, with the addresses at which the server has them."""

from __future__ import annotations

import msgspec


class Artifact(msgspec.Struct, kw_only=True):
    """A file that a node made to look at. Addresses are relative to the root of the server."""

    folder: str
    name: str
    media: str
    url: str
    thumbnail: str | None
    """Of pictures only."""
    item: list[int] | msgspec.UnsetType = msgspec.UNSET
    """Of a stream: which item showed it."""


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
    """Of pictures only."""
    item: list[int] | msgspec.UnsetType = msgspec.UNSET
    """Of a stream: which item showed it."""
    width: int | None
    height: int | None
    bytes: int
    created: float


class Outputs(msgspec.Struct, kw_only=True):
    """A page of outputs, newest first."""

    outputs: list[Output]
    next: int | None
