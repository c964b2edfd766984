"""The state besides its inputs that a node depends on, by its author's `fingerprint`, as a part of cache keys.

Where the fingerprint is unusable, the result is not reused.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from graph.files.folders import Files
from graph.node_types.digests import encode
from graph.node_types.node_type import NodeType


class UnknownExternalStateError(Exception):
    """A `fingerprint` failed or returned no comparable value; the message says why."""


def external_state(node_type: NodeType, literals: Mapping[str, Any], files: Files) -> object:
    """Return the author's `fingerprint` of the state besides the inputs; None without one. It may raise anything."""
    fingerprint = node_type.fingerprint
    if fingerprint is None:
        return None
    if node_type.words:
        literals = {name: value for name, value in literals.items() if name not in node_type.words}
    return fingerprint(**literals, files=files) if node_type.fingerprint_takes_files else fingerprint(**literals)


def external_state_part(node_type: NodeType, literals: Mapping[str, Any], files: Files) -> bytes:
    """Return the encoded fingerprint of a node. Raises `UnknownExternalStateError` where there is no comparable one."""
    try:
        found = external_state(node_type, literals, files)
    except Exception as error:
        error_text = f"{type(error).__name__}: {error}".rstrip(": ")
        raise UnknownExternalStateError(f"its fingerprint raised {error_text}") from error
    try:
        part = encode(found)
    except Exception as error:
        raise UnknownExternalStateError(f"its fingerprint returned a value that cannot be compared: {error}") from error
    if not _is_equal_to_itself(found):
        raise UnknownExternalStateError("its fingerprint returned NaN, which is never the same as before")
    return part


def _is_equal_to_itself(value: Any) -> bool:
    """Return whether a literal contains no NaN."""
    if isinstance(value, list | tuple):
        return all(map(_is_equal_to_itself, value))
    if isinstance(value, dict):
        return all(map(_is_equal_to_itself, value)) and all(map(_is_equal_to_itself, value.values()))
    return not isinstance(value, float) or not math.isnan(value)
