"""A shape as JSON. What cannot be written in UTF-8 (half of a character) is written as an escape."""

from __future__ import annotations

import json
from typing import Any

import msgspec

_ENCODER = msgspec.json.Encoder()


def encode(value: Any) -> bytes:
    """The JSON of a shape, or of data; NaN and infinity, which JSON does not know, are null."""
    try:
        return _ENCODER.encode(value)
    except UnicodeEncodeError:
        return json.dumps(msgspec.to_builtins(value, enc_hook=_plain)).encode()


def encoded(value: Any) -> Any:
    """A part of a shape that is written ahead: it stands in the place of what it was."""
    return msgspec.Raw(encode(value))


def forwarded(text: str) -> Any:
    """A part of a shape that is JSON text already."""
    return msgspec.Raw(text.encode())


def _plain(value: Any) -> Any:
    if isinstance(value, msgspec.Raw):
        return json.loads(bytes(value))
    raise NotImplementedError
