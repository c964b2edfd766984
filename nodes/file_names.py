"""Names of saved pictures: what `%...%` in a file name prefix stands for, and where the prefix leads.

`%date:yyyy-MM-dd hh-mm-ss%`, `%year% %month% %day% %hour% %minute% %second%`, `%width% %height%`, and
`%node title or type.input%` for a value of the workflow. `%batch_num%` is filled in per picture. Unknown words stay.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any

from graph.api import FileNameError, NodeError, safe_name

BATCH_NUMBER = "%batch_num%"

_TOKEN = re.compile(r"%([^%]+)%")
_DATE_PART = re.compile(r"yyyy|yy|MM?|dd?|hh?|mm?|ss?")
_UNFIT = re.compile(r'[/?<>\\:*|"\x00-\x1f]')
_LONGEST = 200
"""Bytes of one part of a name; file systems take 255, and the number and the ending come on top."""


def expand(prefix: str, *, size: tuple[int, int], now: datetime, workflow: Mapping[str, Any]) -> str:
    """`prefix` with its words filled in, except the number in the batch. `size` is (width, height)."""
    facts = {
        "width": str(size[0]),
        "height": str(size[1]),
        "year": f"{now.year:04}",
        "month": f"{now.month:02}",
        "day": f"{now.day:02}",
        "hour": f"{now.hour:02}",
        "minute": f"{now.minute:02}",
        "second": f"{now.second:02}",
    }

    def fill(match: re.Match[str]) -> str:
        word = match[1]
        if word.startswith("date:"):
            return _UNFIT.sub("_", _date(word.removeprefix("date:"), now))
        found = facts.get(word)
        if found is None:
            found = _workflow_value(word, workflow)
        return match[0] if found is None else _UNFIT.sub("_", found)

    return _TOKEN.sub(fill, prefix)


def place(prefix: str) -> tuple[PurePosixPath, str]:
    """The sub-folder and the beginning of the name that a prefix means, safe on every operating system.

    Raises `NodeError` for a prefix that would leave the output folder.
    """
    try:
        path = safe_name(prefix.strip())
    except FileNameError as error:
        raise NodeError(str(error), input="filename_prefix", remedy=error.remedy) from None
    if not path.name or prefix.strip().endswith("/"):
        raise NodeError(
            f"{prefix!r} names a folder only", input="filename_prefix", remedy="add a name, as in 'cats/cat'"
        )
    if any(len(part.encode()) > _LONGEST for part in path.parts):
        raise NodeError("the file name is too long", input="filename_prefix", remedy="shorten it to 200 letters")
    return path.parent, path.name


def _date(pattern: str, now: datetime) -> str:
    parts = {
        "yyyy": f"{now.year:04}",
        "yy": f"{now.year % 100:02}",
        "MM": f"{now.month:02}",
        "M": str(now.month),
        "dd": f"{now.day:02}",
        "d": str(now.day),
        "hh": f"{now.hour:02}",
        "h": str(now.hour),
        "mm": f"{now.minute:02}",
        "m": str(now.minute),
        "ss": f"{now.second:02}",
        "s": str(now.second),
    }
    return _DATE_PART.sub(lambda match: parts[match[0]], pattern)


def _workflow_value(word: str, workflow: Mapping[str, Any]) -> str | None:
    """The value of `node.input`, where the node is named by its title or else by its type.

    Nodes inside of sub-workflows come last, and only with what no instance sets: that may be another for each of them.
    """
    name, dot, input_name = word.rpartition(".")
    if not dot:
        return None
    nodes = list(workflow.get("nodes", {}).values())
    for inner in workflow.get("subworkflows", {}).values():
        set_outside = {tuple(place) for item in inner.get("inputs", []) for place in item["to"]}
        nodes += [node for node_id, node in inner["nodes"].items() if (node_id, input_name) not in set_outside]
    for key in ("title", "type"):
        for node in nodes:
            value = node.get("inputs", {}).get(input_name)
            if node.get(key) == name and isinstance(value, str | int | float):
                return str(value)
    return None
