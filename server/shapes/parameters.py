"""The query and header parameters of routes. Numbers are clamped to their limits."""

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
    """A header that a route reads."""

    name: str
    description: str


IF_MATCH = Header("If-Match", "The ETag of the version that was seen; another one is not replaced.")
IF_NONE_MATCH = Header("If-None-Match", "The ETag of the answer that is known; 304 when it still holds.")
ONLY_NEW = Header("If-None-Match", "`*`: save only if there is none of this name yet.")
RANGE = Header("Range", "The part of the file that is wanted.")


class Query(msgspec.Struct, kw_only=True, frozen=True):
    """The parameters of a query."""


class NoQuery(Query, kw_only=True, frozen=True):
    """No parameters."""


class GetChoices(Query, kw_only=True, frozen=True):
    """Selects what a file input takes."""

    fits: str = ""
    """The kinds of files that fit, separated by commas; all if it is left out."""


class ListRuns(Query, kw_only=True, frozen=True):
    """Selects runs."""

    status: str | None = None
    """Statuses, separated by commas; all if it is left out."""
    limit: Annotated[int, Meta(ge=1, le=500)] = 50
    before: str | None = None
    """The `next` of the page before, or the id of a run."""


class GetRun(Query, kw_only=True, frozen=True):
    """Selects parts of a run."""

    workflow: bool = False
    """Include its document."""


class ListEvents(Query, kw_only=True, frozen=True):
    """Selects events."""

    after: _Count = 0
    """The number of the last event that the client has."""
    limit: Annotated[int, Meta(ge=1, le=LARGEST_PAGE_OF_EVENTS)] = LARGEST_PAGE_OF_EVENTS


class ExplainRun(Query, kw_only=True, frozen=True):
    """Selects nodes."""

    offset: Annotated[int, Meta(ge=0, le=2**31)] = 0
    limit: Annotated[int, Meta(ge=1, le=10_000)] = 1_000
    node: str | None = None
    """Only this node."""


class GetWorkflow(Query, kw_only=True, frozen=True):
    """Selects a workflow, its versions, or one of these."""

    versions: bool = False
    version: str | None = None
    """The id of a version."""


class ListOutputs(Query, kw_only=True, frozen=True):
    """Selects outputs."""

    limit: Annotated[int, Meta(ge=1, le=500)] = 100
    before: _Count = 0
    """The `next` of the page before."""


class GetFile(Query, kw_only=True, frozen=True):
    """Selects a file."""

    v: str | None = None
    """Its version: the answer may be cached for ever."""
    key: str | None = None
    """The key of the page's session."""


class GetThumbnail(GetFile, kw_only=True, frozen=True):
    """Selects a thumbnail."""

    size: Annotated[int, Meta(ge=SMALLEST_THUMBNAIL, le=LARGEST_THUMBNAIL)] = 256
    """Pixels of the longer side."""
