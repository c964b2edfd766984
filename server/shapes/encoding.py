"""Encodes structs as JSON. Text that is invalid in UTF-8 (a lone surrogate) is written as an escape."""

from __future__ import annotations

import json
import math
from typing import Any

import msgspec

_ENCODER = msgspec.json.Encoder()


def encode(value: Any) -> bytes:
    """Returns the JSON of a struct or of data; NaN and infinity, which JSON lacks, become null."""
    try:
        return _ENCODER.encode(value)
    except UnicodeEncodeError:
        return json.dumps(_finite(msgspec.to_builtins(value, enc_hook=_plain)), allow_nan=False).encode()


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


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
