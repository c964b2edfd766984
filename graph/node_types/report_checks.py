"""Checks of what a node reports during a run: artifacts, progress, previews, errors. A wrong value fails the node.

Reports come from any code and go through a pipe into a database and to every page; after these checks nobody has to
check them again. The texts of exceptions become bounded text without lone surrogates here, too.
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


def check_artifact(folder: object, name: object, media: object, label: object = "") -> None:
    """Raise `NodeError` for an invalid artifact. Its file exists already, so the rules for existing names apply."""
    for what, value in (("folder", folder), ("name", name), ("media type", media), ("label", label)):
        if type(value) is not str or not (value or what == "label") or len(value) > LONGEST_NAME:
            raise NodeError(f"show() got an artifact whose {what} is {_seen(value)}; expected text", remedy=_MEND)
        if value != whole_text(value):
            message = f"show() got an artifact whose {what} contains half a character: {value!a}"
            raise NodeError(message, remedy="make the name of whole characters")
    try:
        inside_name(str(name))
    except FileNameError as error:
        raise NodeError(f"show() got an artifact whose name is not allowed: {error}", remedy=error.remedy) from None


def check_progress(value: Any, maximum: Any, preview: Any) -> tuple[float, float, bytes | None]:
    """Return progress as plain values; raises `NodeError` for what is no number, or no picture."""
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
    """Return the media type of an encoded picture, by its first bytes; '' for one that browsers cannot show."""
    if picture.startswith(_RIFF) and picture[8:12] == _WEBP:
        return "image/webp"
    return next((media for media, beginning in _BEGINNINGS.items() if picture.startswith(beginning)), "")


def words(error: BaseException) -> str:
    """Return the text of an exception; its type where it has no text, or cannot give it."""
    name = type(error).__name__
    try:
        # the text of our own errors may include the remedy, so the first argument is preferred
        text = str(error.args[0]) if _has(error, "remedy") and error.args else str(error)
    except Exception:  # noqa: BLE001 - the exception's own code may fail
        text = ""
    if not text:
        return name
    return bounded(text if _has(error, "remedy") and error.args else f"{name}: {text}", LONGEST_MESSAGE)


def attribute(error: BaseException, name: str, most: int = LONGEST_NAME) -> str:
    """Return an attribute of an exception as text; '' where there is none, or it cannot be read."""
    try:
        return bounded(str(getattr(error, name, "") or ""), most)
    except Exception:  # noqa: BLE001 - as above
        return ""


def traceback_of(error: BaseException | None) -> str:
    """Return the traceback of an exception; of a long one, the end."""
    if error is None:
        return ""
    try:
        return whole_text("".join(traceback.format_exception(error))[-LONGEST_TRACEBACK:])
    except Exception:  # noqa: BLE001 - as above
        return f"{type(error).__name__}: (its traceback cannot be formatted)"


def bounded(text: str, most: int) -> str:
    """Cut a text to a length, without lone surrogates."""
    return whole_text(text if len(text) <= most else f"{text[: most - 4]} ...")


def whole_text(text: str) -> str:
    """Replace lone surrogates, which no file and no page can hold."""
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
    except Exception:  # noqa: BLE001 - a number of a library, or a text
        number = None
    if number is None or isinstance(value, str):
        raise NodeError(f"progress() got {_seen(value)} as its {what}; expected a number", remedy=_MEND)
    return number if math.isfinite(number) else 0.0


def _seen(value: object) -> str:
    return f"{type(value).__name__} {value!a}"[:200] if type(value) in (str, int, float) else type(value).__name__
