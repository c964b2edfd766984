"""From bytes to parsed JSON, with an error message for everything that can be wrong.

Checks encoding, size, depth, duplicate names and numbers out of range, not the meaning of the JSON. The editor has a
reader of its own (`web/src/document/json.ts`); `tests/cases/workflow-files.json` holds both to the same answers.
"""

from __future__ import annotations

import codecs
import json
import math
import re
from typing import Any, NoReturn

from graph.base.errors import Problem, WorkflowError
from graph.document.json_positions import MAX_DIGITS, find_fault, place_of
from graph.document.literals import shown

MAX_BYTES = 64 * 2**20
MAX_DEPTH = 100
"""How deep lists and objects may be nested; a real workflow needs ten levels."""
_BOXES = (dict, list)
_STRING = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)


def load_json(data: bytes | str, name: str) -> object:
    """Parse JSON. Raises `WorkflowError`, whose messages call the text `name`."""
    if len(data) > MAX_BYTES:
        raise refused(
            "too_large", f"{name} has {len(data):,} bytes; the limit is {MAX_BYTES:,}", "open a workflow file"
        )
    text = _decoded(data, name) if isinstance(data, bytes) else data
    if not text.strip():
        raise refused("not_json", f"{name} is empty", "restore it from a copy or an older version")
    try:
        return json.loads(
            text, object_pairs_hook=without_duplicates, parse_float=_finite, parse_constant=_refuse_constant
        )
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        cut_off = error.pos >= len(text.rstrip()) - 1 or _begins_open_string(text, error.pos)
        remedy = "the file seems to be cut off; restore a complete copy" if cut_off else f"correct the file at {where}"
        raise refused("not_json", f"{name} is not valid JSON at {where}: {error.msg}", remedy) from None
    except RecursionError:
        raise _too_deep() from None
    except ValueError:  # raised by the hooks below, and by Python for integers of more than 4300 digits
        raise _unsound(text, name) from None


def _begins_open_string(text: str, at: int) -> bool:
    return text[at] == '"' and _STRING.match(text, at) is None


def _decoded(data: bytes, name: str) -> str:
    remedy = "open a workflow file; it ends in .json"
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in data[:4]:
        raise refused("not_text", f"{name} is not UTF-8 text; it seems to be UTF-16", "save it as UTF-8")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # the position of the error does not count a byte order mark
        start = error.start + (len(codecs.BOM_UTF8) if data.startswith(codecs.BOM_UTF8) else 0)
        line, column = place_of(data[:start].decode("utf-8-sig"), len(data[:start].decode("utf-8-sig")))
        where = f"byte 0x{data[start]:02x} at line {line}, column {column}"
        message = f"{name} is not UTF-8 text: {where} begins no letter of it"
        raise refused("not_text", message, f"save it as UTF-8, or {remedy}") from None


class DuplicateNameError(ValueError):
    """An object has the same name twice, so its value is ambiguous."""

    def __init__(self, name: str) -> None:
        super().__init__("a name occurs twice")
        self.name = name


def without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make an object of its pairs. Raises `DuplicateNameError`."""
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        raise DuplicateNameError(next(name for name, _ in pairs if name in seen or seen.add(name)))  # type: ignore[func-returns-value]
    return found


def _finite(text: str) -> float:
    found = float(text)
    if math.isinf(found):
        raise ValueError("a number is too large")
    return found


def _refuse_constant(word: str) -> NoReturn:
    raise ValueError(f"{word} is no number")


def _unsound(text: str, name: str) -> WorkflowError:
    """Return what is wrong with well-formed JSON that cannot be represented."""
    fault = find_fault(text)
    if fault is None:  # cannot happen: `find_fault` finds what the parser refused
        return refused("not_json", f"{name} is not valid JSON", "restore a complete copy")
    # a fault inside a node is reported as a problem of that node and input
    at_node = fault.path[:1] == ("nodes",) and len(fault.path) > 1
    node = fault.path[1] if at_node else ""
    socket = fault.path[3] if at_node and fault.path[2:3] == ("inputs",) and len(fault.path) > 3 else ""
    if fault.what == "duplicate":
        code, message = (
            "duplicate_name",
            f"the name {shown(fault.word)} occurs twice in one JSON object, at {fault.place}",
        )
        remedy = "give each node, and each input of a node, a name of its own"
    elif fault.what == "digits":
        code, message = "number_too_large", f"{name} holds a number with too many digits at {fault.place}"
        remedy = f"write it with at most {MAX_DIGITS:,}"
    elif fault.word.lstrip("-") in ("NaN", "Infinity"):
        code, message = "not_finite", f"{name} holds {fault.word} at {fault.place}, which is no number in JSON"
        remedy = "write a finite number"
    else:
        number = fault.word if len(fault.word) <= 40 else fault.word[:40] + "..."
        code, message = "not_finite", f"{name} holds {number} at {fault.place}, which is beyond what can be kept"
        remedy = "write a finite number; 1e308 is one, 1e309 not"
    return WorkflowError([Problem(code, message, node=node, socket=socket, remedy=remedy)])


def check_depth(document: dict[str, Any]) -> None:
    """Raise `WorkflowError` for a document that is nested too deep."""
    if is_deeper(document, MAX_DEPTH):
        raise _too_deep()


def is_deeper(data: Any, most: int) -> bool:
    """Return whether lists and objects are nested more than `most` levels deep."""
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
    """Return the error for a text that is refused as a whole."""
    return WorkflowError([Problem(code, message, remedy=remedy)])
