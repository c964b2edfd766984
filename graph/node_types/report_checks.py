"""What a node tells about itself while it runs, checked where it is told: a wrong value is the node's own error.

It may come from anybody's code, goes over a pipe, into a database and to every page; nothing behind this door has to
look at it again to be safe. What a node raises is put into words here, too: never anything but bounded, whole text.
"""

from __future__ import annotations

import math
import traceback
from typing import Any

from graph.base.errors import NodeError
from graph.files.name_rules import FileNameError, inside_name

MOST_PREVIEW_BYTES = 32 * 2**20
LONGEST_MESSAGE, LONGEST_NAME, LONGEST_TRACEBACK = 4_000, 1_000, 20_000
_MOST_EXACT = 2**53
_BEGINNINGS = {"image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff"}
_RIFF, _WEBP = b"RIFF", b"WEBP"
_MEND = "correct the node's code"


def check_artifact(folder: object, name: object, media: object) -> None:
    """Raise `NodeError` for what cannot be a file that a node made; it is there already, so it goes by that rule."""
    for what, value in (("folder", folder), ("name", name), ("media type", media)):
        if type(value) is not str or not value or len(value) > LONGEST_NAME:
            raise NodeError(f"show() got an artifact whose {what} is {_seen(value)}; expected text", remedy=_MEND)
        if value != whole_text(value):
            message = f"show() got an artifact whose {what} holds half a character: {value!a}"
            raise NodeError(message, remedy="make the name of whole characters")
    try:
        inside_name(str(name))
    except FileNameError as error:
        raise NodeError(f"show() got an artifact whose name cannot be: {error}", remedy=error.remedy) from None


def check_progress(value: Any, maximum: Any, preview: Any) -> tuple[float, float, bytes | None]:
    """How far a node is, as plain values; raises `NodeError` for what is no number or no picture."""
    if preview is not None:
        if not isinstance(preview, bytes | bytearray | memoryview):
            message = f"a preview is {_seen(preview)}; expected the bytes of a PNG, JPEG or WebP picture"
            raise NodeError(message, remedy="encode the picture")
        preview = bytes(preview)
        if len(preview) > MOST_PREVIEW_BYTES or not media_of(preview):
            message = f"a preview of {len(preview):,} bytes is no PNG, JPEG or WebP picture of at most 32 MiB"
            raise NodeError(message, remedy="encode a small picture")
    return _number("value", value), _number("maximum", maximum), preview


def media_of(picture: bytes) -> str:
    """The media type of an encoded picture, by its first bytes; empty when it is none that pages can show."""
    if picture.startswith(_RIFF) and picture[8:12] == _WEBP:
        return "image/webp"
    return next((media for media, beginning in _BEGINNINGS.items() if picture.startswith(beginning)), "")


def words(error: BaseException) -> str:
    """What an exception says; its type where it says nothing, or cannot."""
    name = type(error).__name__
    try:
        # The text of ours may hold the remedy, too; a message of an author comes first.
        text = str(error.args[0]) if _has(error, "remedy") and error.args else str(error)
    except Exception:  # noqa: BLE001 - an exception may be of any making
        text = ""
    if not text:
        return name
    return bounded(text if _has(error, "remedy") and error.args else f"{name}: {text}", LONGEST_MESSAGE)


def attribute(error: BaseException, name: str, most: int = LONGEST_NAME) -> str:
    """An attribute of an exception as text; empty where there is none, or it cannot be told."""
    try:
        return bounded(str(getattr(error, name, "") or ""), most)
    except Exception:  # noqa: BLE001 - as above
        return ""


def traceback_of(error: BaseException | None) -> str:
    """The traceback of an exception, its end where it is long."""
    if error is None:
        return ""
    try:
        return whole_text("".join(traceback.format_exception(error))[-LONGEST_TRACEBACK:])
    except Exception:  # noqa: BLE001 - as above
        return f"{type(error).__name__}: (its traceback cannot be told)"


def bounded(text: str, most: int) -> str:
    """Some text, cut where it is too long, without half characters."""
    return whole_text(text if len(text) <= most else f"{text[: most - 4]} ...")


def whole_text(text: str) -> str:
    """Some text with a mark in the place of each half of a character, which no file and no page can hold."""
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _has(error: BaseException, name: str) -> bool:
    try:
        return hasattr(error, name)
    except Exception:  # noqa: BLE001 - as above
        return False


def _number(what: str, value: Any) -> float:
    if type(value) is int and -_MOST_EXACT <= value <= _MOST_EXACT:
        return value
    try:
        number = float(value)
    except Exception:  # noqa: BLE001 - a number may be of any making: of a library, or a text
        number = None
    if number is None or isinstance(value, str):
        raise NodeError(f"progress() got {_seen(value)} as its {what}; expected a number", remedy=_MEND)
    return number if math.isfinite(number) else 0.0


def _seen(value: object) -> str:
    return f"{type(value).__name__} {value!a}"[:200] if type(value) in (str, int, float) else type(value).__name__
