"""Parses and validates the messages of a worker before they are used: a worker runs untrusted code.

`server.shapes.worker_messages` declares the fields of each message. An invalid message is refused as a whole, with a
reason. Messages of unknown types are ignored.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from graph.base.gc_pacing import collector_at_rest
from server.shapes.worker_messages import MESSAGES, EventsReported, FromWorker, PreviewMade, WorkerEvent
from server.workers.frames import Frame, FrameError

_LONGEST_REASON = 200


class _Tagged(msgspec.Struct):
    type: str = ""


_TYPE = msgspec.json.Decoder(_Tagged)
_MESSAGE: msgspec.json.Decoder[FromWorker] = msgspec.json.Decoder(FromWorker)
_ANYTHING = msgspec.json.Decoder()


@dataclass(frozen=True, slots=True)
class Received:
    """A valid message; of `EventsReported` also the events, whose JSON is the payload."""

    message: FromWorker
    payload: bytes = b""
    events: Sequence[dict[str, Any]] = ()


def read(frame: Frame) -> Received | None:
    """Returns the message in a frame, or None for an unknown type. Raises `FrameError` with the reason."""
    try:
        with collector_at_rest():  # parsed JSON has no reference cycles
            if _TYPE.decode(frame.head).type not in MESSAGES:
                return None
            message = _MESSAGE.decode(frame.head)
            if isinstance(message, EventsReported):
                return Received(message, frame.payload, _events(frame.payload, message.run))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise FrameError(f"a message of type {glimpse(frame)[0]!a} is wrong: {error}"[:_LONGEST_REASON]) from None
    if isinstance(message, PreviewMade) and not frame.payload:
        raise FrameError("a preview without a picture")
    return Received(message, frame.payload)


def glimpse(frame: Frame) -> tuple[str, str]:
    """Returns the type and the run of an invalid message, as far as they can be read."""
    try:
        head = json.loads(frame.head)
    except (ValueError, RecursionError):
        return "", ""
    kind, run = (head.get("type"), head.get("run")) if isinstance(head, dict) else ("", "")
    return kind if isinstance(kind, str) else "", run if isinstance(run, str) else ""


def _events(payload: bytes, run: str) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = _ANYTHING.decode(payload)
    for event in msgspec.convert(events, list[WorkerEvent]):
        if event.run != run:
            raise FrameError(f"an event of the run {event.run!a} came among those of {run!a}"[:_LONGEST_REASON])
    return events
