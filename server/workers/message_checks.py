"""What comes over the seam from a worker, looked at before anything else sees it: it runs strangers' code.

`MESSAGES` says for each type of message which fields it has and what each may be; `EVENTS` is read off the engine's own
records, so that a new event, and a new field of one, is checked from the day on which it is there. A message that is
not what it should be is refused whole, with what is wrong in words. Messages of unknown types are nobody's.
"""

from __future__ import annotations

import math
import types
from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any, Union, get_args, get_origin, get_type_hints

from graph.base.errors import Problem
from graph.caching.call_history import Reason
from graph.node_types.context import Artifact
from graph.node_types.warnings import NodeWarning
from graph.running import events
from server.workers.frames import FrameError, Message
from server.workers.worker import ENDED

Check = Callable[[Any], bool]
"""Whether some JSON is what a field may be."""
MOST_WHOLE = 2**53
_MEDIA = ("image/png", "image/jpeg", "image/webp")


def is_text(value: Any) -> bool:
    """Text without half characters: no file and no database can hold these."""
    return type(value) is str and (value.isascii() or _is_whole(value))


def is_name(value: Any) -> bool:
    """Text that names something."""
    return is_text(value) and 0 < len(value) <= 1_000


def is_list_of_texts(value: Any) -> bool:
    """Any number of texts; quick, for a run of thousands of nodes begins with their names."""
    return type(value) is list and set(map(type, value)) <= {str} and is_text("".join(value))


def is_whole_number(value: Any) -> bool:
    """A count, a number in a row, or an index."""
    return type(value) is int and 0 <= value <= MOST_WHOLE


def is_number(value: Any) -> bool:
    """Any number that JSON can hold."""
    return (type(value) is float and math.isfinite(value)) or (type(value) is int and abs(value) <= MOST_WHOLE)


def _is_whole(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _is_bool(value: Any) -> bool:
    return type(value) is bool


def _is_problem(value: Any) -> bool:
    return _is_texts(value) and bool(value.get("code"))


def _is_texts(value: Any) -> bool:
    return type(value) is dict and all(is_text(name) and is_text(text) for name, text in value.items())


def _is_reason(value: Any) -> bool:
    if type(value) is not dict or not {"code", "message"} <= value.keys() <= {"code", "message", "inputs"}:
        return False
    inputs = value.get("inputs", [])
    return is_text(value["code"]) and is_text(value["message"]) and _list_of(_is_texts)(inputs)


def _is_artifact(value: Any) -> bool:
    return type(value) is dict and value.keys() == _ARTIFACT and all(map(is_name, value.values()))


def _is_object(value: Any) -> bool:
    return type(value) is dict


def _list_of(check: Check) -> Check:
    return lambda value: type(value) is list and all(map(check, value))


def _one_of(choices: frozenset[str]) -> Check:
    return lambda value: type(value) is str and value in choices


_ARTIFACT = {item.name for item in fields(Artifact)}


def _is_warning(value: Any) -> bool:
    if type(value) is not dict or not {"message"} <= value.keys() <= {"message", "times", "item"}:
        return False
    return (
        is_text(value["message"])
        and is_whole_number(value.get("times", 1))
        and _list_of(is_whole_number)(value.get("item", []))
    )


_KINDS: Mapping[Any, Check] = {
    str: is_text, int: is_whole_number, float: is_number, bool: _is_bool, Problem: _is_problem, Reason: _is_reason,
    Artifact: _is_artifact, NodeWarning: _is_warning,
}  # fmt: skip
_NAMES = ("node", "run", "because")
_SENT_APART = {"preview"}
"""Fields that come another way: a picture is a message of its own."""
_LEFT_OUT = {"keys"}
"""Fields that are not told where they are empty."""


def _check_of(annotation: Any) -> Check:
    """What a field of an event may be, by its type."""
    if annotation in _KINDS:
        return _KINDS[annotation]
    parts = get_args(annotation)
    if get_origin(annotation) is tuple and len(parts) == 2 and parts[1] is ...:
        if parts[0] is str:
            return is_list_of_texts
        return _list_of(_check_of(parts[0]))
    if get_origin(annotation) in (Union, types.UnionType) and len(parts) == 2 and type(None) in parts:
        check = _check_of(next(part for part in parts if part is not type(None)))
        return lambda value: value is None or check(value)
    raise TypeError(f"an event has a field of type {annotation}, of which nobody knows how it is told")


def _describe(kind: type[events.Event]) -> tuple[dict[str, Check], frozenset[str]]:
    """The fields of a kind of event, and those that are always there."""
    hints = get_type_hints(kind)
    sent = [item for item in fields(kind) if item.name not in _SENT_APART]
    checks = {item.name: is_name if item.name in _NAMES else _check_of(hints[item.name]) for item in sent}
    checks |= {"event": is_name, "at": is_number}
    return checks, frozenset(checks.keys() - _LEFT_OUT)


EVENTS = {events.name_of(kind): _describe(kind) for kind in events.Event.__subclasses__()}
"""Event -> what each of its fields may be, and those that are always there."""

MESSAGES: Mapping[str, Mapping[str, Check]] = {
    "status": {"message": is_text},
    "catalogue": {"nodes": _list_of(_is_object), "packs": _list_of(_is_object), "sockets": _is_texts},
    "ready": {"device": is_text},
    "events": {"run": is_name, "events": _list_of(_is_object)},
    "preview": {"run": is_name, "node": is_name, "media": _one_of(frozenset(_MEDIA))},
    "draining": {"run": is_name},
    "worn": {"message": is_text},
    "done": {
        "run": is_name, "status": _one_of(ENDED), "problems": _list_of(_is_problem), "problem_count": is_whole_number,
    },
}  # fmt: skip
"""Type of message -> its fields, all of which are always there, and what each may be."""


def check(message: Message) -> None:
    """Raise `FrameError`, in words, for a message that is not what its type says."""
    wanted = MESSAGES.get(message.type)
    if wanted is None:
        return
    data = message.data
    for name, fits in wanted.items():
        if name not in data or not fits(data[name]):
            raise FrameError(f"{name!r} of the message {message.type!r} is {_seen(data, name)}")
    if message.type == "events":
        for event in data["events"]:
            _check_event(event, data["run"])
    elif message.type == "preview" and not message.payload:
        raise FrameError("a preview without a picture")


def _check_event(event: dict[str, Any], run: str) -> None:
    kind = event.get("event")
    described = EVENTS.get(kind) if type(kind) is str else None
    if described is None:
        raise FrameError(f"there is no event {_seen(event, 'event')}")
    checks, needed = described
    if not needed <= event.keys():
        raise FrameError(f"the event {kind!r} lacks {min(needed - event.keys())!r}")
    for name, value in event.items():
        fits = checks.get(name)
        if fits is None or not fits(value):
            raise FrameError(f"{name!a} of the event {kind!r} is {_seen(event, name)}")
    if event["run"] != run:
        raise FrameError(f"an event of the run {event['run']!r} came among those of {run!r}")


def _seen(data: Mapping[str, Any], name: str) -> str:
    return f"{data[name]!a}"[:100] if name in data else "missing"
