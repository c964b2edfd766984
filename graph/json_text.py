"""From bytes to JSON, with every way in which it can go wrong told in words: what lies below the workflow reader.

Sizes, depths and duplicate names are looked at here, and not what the JSON means. NaN and Infinity are not JSON, but
are let through, so that validation can name the node and input that hold them.
"""

from __future__ import annotations

import json
from typing import Any

from graph.errors import Problem, WorkflowError
from graph.words import shown

MAX_BYTES = 64 * 2**20
MAX_DEPTH = 100
"""How deep lists and objects may lie in each other; a real workflow needs ten."""
_BOXES = (dict, list)


def load_json(data: bytes | str, name: str) -> object:
    """Parsed JSON; raises `WorkflowError`, which names the text as `name`."""
    if len(data) > MAX_BYTES:
        raise refused(
            "too_large", f"{name} has {len(data):,} bytes; the limit is {MAX_BYTES:,}", "open a workflow file"
        )
    try:
        text = data.decode("utf-8-sig") if isinstance(data, bytes) else data
    except UnicodeDecodeError:
        raise refused("not_text", f"{name} is not UTF-8 text", "open a workflow file; it ends in .json") from None
    if not text.strip():
        raise refused("not_json", f"{name} is empty", "restore it from a copy or an older version")
    try:
        return json.loads(text, object_pairs_hook=_object_without_duplicates)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        cut_off = error.pos >= len(text.rstrip()) - 1 or error.msg.startswith("Unterminated string")
        remedy = "the file seems to be cut off; restore a complete copy" if cut_off else f"correct the file at {where}"
        raise refused("not_json", f"{name} is not valid JSON at {where}: {error.msg}", remedy) from None
    except RecursionError:
        raise _too_deep() from None
    except WorkflowError:
        raise
    except ValueError:  # Python reads no number of more than 4300 digits
        raise refused("number_too_large", f"{name} holds a number with too many digits", "shorten it") from None


def _object_without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        message = f"the name {shown(twice)} occurs twice in one JSON object"
        raise refused("duplicate_name", message, "give each node, and each input of a node, a name of its own")
    return found


def check_depth(document: dict[str, Any]) -> None:
    """Raise `WorkflowError` for a document that is nested too deep to be worked on without care."""
    if is_deeper(document, MAX_DEPTH):
        raise _too_deep()


def is_deeper(data: Any, most: int) -> bool:
    """Whether more than `most` lists and objects lie in each other."""
    level = [data]
    for _ in range(most):
        level = [
            item
            for box in level
            for item in (box.values() if isinstance(box, dict) else box)
            if isinstance(item, _BOXES)
        ]
        if not level:
            return False
    return True


def _too_deep() -> WorkflowError:
    return refused("too_deep", f"the workflow is nested more than {MAX_DEPTH} deep", "open a workflow file")


def refused(code: str, message: str, remedy: str) -> WorkflowError:
    """The error for a text that is refused as a whole."""
    return WorkflowError([Problem(code, message, remedy=remedy)])
