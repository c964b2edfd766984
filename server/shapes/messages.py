"""The messages of the websocket. Those of the server are numbered, except the answer to a hello and previews."""

from __future__ import annotations

import msgspec

from server.shapes.artifacts import Output
from server.shapes.events import RunEvent
from server.shapes.runs import RunDetail, RunInfo
from server.shapes.system import Notice, WorkerInfo

PROTOCOL = 1


class Hello(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, tag_field="type", tag="hello"):
    """The first message of a client, also sent when it missed messages: it has the last number that the client saw."""

    protocol: int
    epoch: str | None = None
    seq: int = 0


class Resume(msgspec.Struct, kw_only=True, tag_field="type", tag="resume"):
    """The answer to a hello whose number is recent: all messages after `seq` follow."""

    epoch: str
    seq: int


class Snapshot(msgspec.Struct, kw_only=True, tag_field="type", tag="snapshot"):
    """The answer to any other hello: the present state."""

    epoch: str = ""
    seq: int = 0
    worker: WorkerInfo
    notices: list[Notice]
    queue: list[RunInfo]
    running: RunDetail | None
    """The run that started last."""
    draining: list[RunDetail]
    """Earlier runs that still save."""
    recent: list[RunInfo]


class Message(msgspec.Struct, kw_only=True, tag_field="type"):
    """A numbered message; the hub sets the number."""

    seq: int = 0


class NoticesChanged(Message, tag="notices", kw_only=True):
    """All present notices."""

    notices: list[Notice]


class EventsHappened(Message, tag="events", kw_only=True):
    """Events of a run, in order."""

    run: str
    events: list[RunEvent]


class RunChanged(Message, tag="run", kw_only=True):
    """A run was added or changed."""

    run: RunInfo


class RunRemoved(Message, tag="run_removed", kw_only=True):
    """A run was deleted."""

    id: str


class QueueChanged(Message, tag="queue", kw_only=True):
    """The order of the queue changed."""

    order: list[str]


class WorkerChanged(Message, tag="worker", kw_only=True):
    """The state of the worker changed."""

    worker: WorkerInfo


class OutputMade(Message, tag="output", kw_only=True):
    """A picture was added to the list of outputs."""

    output: Output


class ChoicesChanged(Message, tag="choices", kw_only=True):
    """The choices of a file input of a folder changed."""

    folder: str


class NodeTypesChanged(Message, tag="node_types", kw_only=True):
    """The list of node types changed."""

    etag: str


ServerMessage = (
    Resume
    | Snapshot
    | NoticesChanged
    | EventsHappened
    | RunChanged
    | RunRemoved
    | QueueChanged
    | WorkerChanged
    | OutputMade
    | ChoicesChanged
    | NodeTypesChanged
)


class Preview(msgspec.Struct, kw_only=True, tag_field="type", tag="preview"):
    """The head of a binary message; a picture follows. `seq` is the number of the last message before it."""

    run: str
    node: str
    seq: int
    media: str
