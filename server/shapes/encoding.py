"""Encodes structs as JSON. Text that is invalid in UTF-8 (a lone surrogate) is written as an escape."""

from __future__ import annotations

import json
from typing import Any

import msgspec

_ENCODER = msgspec.json.Encoder()


def encode(value: Any) -> bytes:
    """Returns the JSON of a struct or of data; NaN and infinity, which JSON lacks, become null."""
    try:
        return _ENCODER.encode(value)
    except UnicodeEncodeError:
        return json.dumps(msgspec.to_builtins(value, enc_hook=_plain)).encode()


def encoded(value: Any) -> Any:
    """Encodes a part of a struct in advance, to be put into its place."""
    return msgspec.Raw(encode(value))


def forwarded(text: str) -> Any:
    """Returns a part of a struct that is JSON text already."""
    return msgspec.Raw(text.encode())


def _plain(value: Any) -> Any:
    if isinstance(value, msgspec.Raw):
        return json.loads(bytes(value))
    raise NotImplementedError
