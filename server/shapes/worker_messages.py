"""The messages between server and worker. A worker runs untrusted code: its fields are bounded, unknown ones refused.

A worker sends its catalogue as soon as it has imported its nodes, `Status` while it loads, then `Ready`. For each job
it sends `EventsReported` (the payload is the JSON list of the events), `PreviewMade` (the payload is the picture) and,
once and last, `Done`. It works on jobs in the order of submission, one at a time; but after `Draining` only saving and
encoding is left of a job, and the next one starts beside it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal, Union, get_args

import msgspec
from msgspec import Meta

from graph.base import errors
from graph.caching import call_history
from graph.node_types import context, warnings
from graph.running import events
from server.shapes.engine_records import shape_of
from server.shapes.events import KINDS, InputChange

EndStatus = Literal["finished", "failed", "cancelled", "refused"]
Name = Annotated[str, Meta(min_length=1, max_length=1_000)]
Label = Annotated[str, Meta(max_length=1_000)]
Whole = Annotated[int, Meta(ge=0, le=2**53)]
_PLAIN = {str: str, int: Whole, float: float, bool: bool}
_NAMES = {"run": Name, "node": Name, "because": Name}

_PROBLEM = shape_of(errors.Problem, _PLAIN, named={"code": Name})
_TYPES = {
    **_PLAIN,
    errors.Problem: _PROBLEM,
    call_history.Reason: shape_of(
        call_history.Reason, {**_PLAIN, call_history.InputChange: InputChange}, left_out=("also_code",)
    ),
    warnings.NodeWarning: shape_of(warnings.NodeWarning, _PLAIN),
    context.Artifact: shape_of(context.Artifact, {str: Name}, optional=("label",), named={"label": Label}),
}


def _event(name: str, kind: type[events.Event]) -> type[msgspec.Struct]:
    """Returns the struct of an engine event. All its fields are sent, except empty keys; a preview is a message."""
    return shape_of(
        kind,
        _TYPES,
        tag=("event", name),
        more={"at": float},
        left_out=("preview",),
        optional=("keys",),
        named=_NAMES,
    )


EVENTS = {name: _event(name, kind) for name, kind in KINDS.items()}
"""The events that a worker may report, by their names."""
if TYPE_CHECKING:
    Problem = dict[str, Any]
    WorkerEvent = Any
else:
    Problem = _PROBLEM
    WorkerEvent = Union[tuple(EVENTS.values())]  # noqa: UP007 - of a tuple that is made here


class Sent(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True, tag_field="type"):
    """A message between server and worker."""


class Status(Sent, tag="status", kw_only=True, frozen=True):
    """The worker is loading."""

    message: str
    pack: str = ""
    """The pack that is imported next, if any."""
    seconds: float = 0.0
    """Limit of that import in seconds."""


class CatalogueReported(Sent, tag="catalogue", kw_only=True, frozen=True):
    """The node types of a worker, the reports about its packs, and a description of each socket type."""

    nodes: list[dict[str, Any]]
    packs: list[dict[str, Any]]
    sockets: dict[str, str]


class Ready(Sent, tag="ready", kw_only=True, frozen=True):
    """The worker accepts jobs."""

    device: str


class EventsReported(Sent, tag="events", kw_only=True, frozen=True):
    """Events of a run, in the payload."""

    run: Name


class PreviewMade(Sent, tag="preview", kw_only=True, frozen=True):
    """A preview of a running node, in the payload."""

    run: Name
    node: Name
    media: Literal["image/png", "image/jpeg", "image/webp"]


class Draining(Sent, tag="draining", kw_only=True, frozen=True):
    """Only saving and encoding is left of a run."""

    run: Name


class Worn(Sent, tag="worn", kw_only=True, frozen=True):
    """A run has changed the process, which should be replaced."""

    message: str


class Done(Sent, tag="done", kw_only=True, frozen=True):
    """A run has ended."""

    run: Name
    status: EndStatus
    problems: list[Problem]
    problem_count: Whole


FromWorker = Status | CatalogueReported | Ready | EventsReported | PreviewMade | Draining | Worn | Done
MESSAGES: dict[str, type[Sent]] = {str(kind.__struct_config__.tag): kind for kind in get_args(FromWorker)}
"""The messages of a worker, by their types."""


class CompletedArtifact(msgspec.Struct, kw_only=True, frozen=True):
    """A file that an earlier attempt made."""

    folder: Name
    name: Name
    media: Name
    label: Label = ""


class CompletedEffect(msgspec.Struct, kw_only=True, frozen=True):
    """A side effect of an earlier attempt. It is not repeated: the cache has it under these keys."""

    node: Name
    keys: list[str]
    artifacts: list[CompletedArtifact]


class RunJob(Sent, tag="run", kw_only=True, frozen=True):
    """A run to execute. The payload is its document."""

    run: str
    targets: list[str] | None
    done: list[CompletedEffect]


class ExpectedRun(msgspec.Struct, kw_only=True, frozen=True):
    """A run that comes next. Its document has `size` bytes of the payload, after the documents of earlier runs; 0 if it
    was sent before."""

    run: str
    targets: list[str] | None
    size: int = 0


class Expect(Sent, tag="expect", kw_only=True, frozen=True):
    """The runs that come next."""

    runs: list[ExpectedRun]


class Cancel(Sent, tag="cancel", kw_only=True, frozen=True):
    """Stop a run at its next step."""

    run: str


ToWorker = RunJob | Expect | Cancel
