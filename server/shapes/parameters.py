"""Query and header parameters: what each route may be asked with. Numbers are held between their limits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import msgspec
from msgspec import Meta

LARGEST_PAGE_OF_EVENTS = 10_000
SMALLEST_THUMBNAIL, LARGEST_THUMBNAIL = 16, 1024
_Count = Annotated[int, Meta(ge=0, le=2**53)]


@dataclass(frozen=True, slots=True)
class Header:
    """A header that means something to a route."""

    name: str
    description: str


IF_MATCH = Header("If-Match", "The ETag of the version that was seen; another one is not replaced.")
IF_NONE_MATCH = Header("If-None-Match", "The ETag of the answer that is known; 304 when it still holds.")
ONLY_NEW = Header("If-None-Match", "`*`: save only if there is none of this name yet.")
RANGE = Header("Range", "The part of the file that is wanted.")


class Query(msgspec.Struct, kw_only=True, frozen=True):
    """The parameters of an address."""


class NoQuery(Query, kw_only=True, frozen=True):
    """None."""


class ListRuns(Query, kw_only=True, frozen=True):
    """Which runs, and how many."""

    status: str | None = None
    """Statuses with commas between them; all of them where it is left out."""
    limit: Annotated[int, Meta(ge=1, le=500)] = 50
    before: str | None = None
    """The `next` of the page before, or the id of a run."""


class GetRun(Query, kw_only=True, frozen=True):
    """How much of a run."""

    workflow: bool = False
    """With its document."""


class ListEvents(Query, kw_only=True, frozen=True):
    """Which events, and how many."""

    after: _Count = 0
    """The number of the last event that is known."""
    limit: Annotated[int, Meta(ge=1, le=LARGEST_PAGE_OF_EVENTS)] = LARGEST_PAGE_OF_EVENTS


class ExplainRun(Query, kw_only=True, frozen=True):
    """Which nodes, and how many."""

    offset: Annotated[int, Meta(ge=0, le=2**31)] = 0
    limit: Annotated[int, Meta(ge=1, le=10_000)] = 1_000
    node: str | None = None
    """Only this one."""


class GetWorkflow(Query, kw_only=True, frozen=True):
    """A workflow, its versions, or one of these."""

    versions: bool = False
    version: str | None = None
    """The id of a version."""


class ListOutputs(Query, kw_only=True, frozen=True):
    """Which outputs, and how many."""

    limit: Annotated[int, Meta(ge=1, le=500)] = 100
    before: _Count = 0
    """The `next` of the page before."""


class GetFile(Query, kw_only=True, frozen=True):
    """A file, as its address names it."""

    v: str | None = None
    """Its version: the answer may be kept for good."""
    key: str | None = None
    """The key of the page's session."""


class GetThumbnail(GetFile, kw_only=True, frozen=True):
    """A small version of a picture."""

    size: Annotated[int, Meta(ge=SMALLEST_THUMBNAIL, le=LARGEST_THUMBNAIL)] = 256
    """Pixels of the longer side."""
