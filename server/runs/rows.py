"""Reads a row of the table of runs, whatever is in it: a damaged column does not affect the others.

`COLUMNS` has the check of each column and a default for a damaged value. A run that has not ended is not begun if a
column of `ESSENTIAL` is damaged: it would be another run.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from sqlite3 import Row
from typing import Any

from server.runs.run import Run
from server.workers.worker import ENDED

Check = Callable[[Any], bool]
STATUSES = frozenset({"queued", "running", *ENDED})
ESSENTIAL = frozenset({"status", "targets", "attempt", "last_number", "cancelling"})


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_count(value: Any) -> bool:
    return type(value) is int and 0 <= value < 2**53


def _is_time(value: Any) -> bool:
    return type(value) in (int, float) and math.isfinite(value)


def _may_lack(check: Check) -> Check:
    return lambda value: value is None or check(value)


def _list_of(check: Check) -> Check:
    return lambda value: isinstance(value, list) and all(map(check, value))


def _by_name(check: Check) -> Check:
    return lambda value: isinstance(value, dict) and all(map(check, value.values()))


def _is_object(value: Any) -> bool:
    return isinstance(value, dict)


COLUMNS: Mapping[str, tuple[Check, Callable[[], Any]]] = {
    "status": (lambda value: isinstance(value, str) and value in STATUSES, lambda: "failed"),
    "title": (_is_text, str),
    "client": (_is_text, str),
    "targets": (_may_lack(_list_of(_is_text)), lambda: None),
    "node_count": (_is_count, int),
    "created": (_is_time, float),
    "started": (_may_lack(_is_time), lambda: None),
    "finished": (_may_lack(_is_time), lambda: None),
    "attempt": (_is_count, int),
    "deaths": (_is_count, int),
    "cancelling": (_is_count, int),
    "problems": (_list_of(_by_name(_is_text)), list),
    "failures": (_list_of(_is_object), list),
    "artifacts": (_by_name(_list_of(_is_object)), dict),
    "problem_count": (_is_count, int),
    "artifact_counts": (_by_name(_is_count), dict),
    "last_number": (_is_count, int),
    "warnings": (_by_name(_list_of(_is_object)), dict),
    "warning_count": (_is_count, int),
}
"""Column -> check of its value, and default for a damaged one."""
AS_JSON = frozenset({"targets", "problems", "failures", "artifacts", "artifact_counts", "warnings"})


def columns(run: Run) -> dict[str, Any]:
    """Returns the columns of a run as it is now. Call it before the write is passed to another thread."""
    values = {name: getattr(run, name) for name in COLUMNS}
    return {name: json.dumps(value) if name in AS_JSON else value for name, value in values.items()}


def run_of(row: Row) -> Run:
    """Returns the run of a row; `damaged` names the columns that failed their check."""
    values: dict[str, Any] = {}
    damaged = []
    for name, (fits, otherwise) in COLUMNS.items():
        value = row[name]
        if name in AS_JSON:
            value = _parsed(value)
        if not fits(value):
            damaged.append(name)
            value = otherwise()
        values[name] = value
    values["cancelling"] = bool(values["cancelling"])
    return Run(id=row["id"], damaged=tuple(damaged), **values)


def _parsed(text: Any) -> Any:
    try:
        return json.loads(text)
    except (ValueError, TypeError, RecursionError):
        return ...  # which no check accepts
