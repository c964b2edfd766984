"""Errors that say what to do: a coded problem names node, socket, expected, got and remedy."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

MOST_SHOWN = 2_000
"""Characters of each part of a problem: what it is about may be of any length."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a workflow or went wrong in a run. Empty fields do not apply.

    `code` is stable and for programs; `message` is one sentence for a person; `node` and `socket` say where. When it is
    about a node inside of the one that is seen, `inner` is the path from there (`3`, or `3/5`), `inner_type` its type,
    and `socket` an input of it.
    """

    code: str
    message: str
    node: str = ""
    node_type: str = ""
    socket: str = ""
    expected: str = ""
    got: str = ""
    remedy: str = ""
    inner: str = ""
    inner_type: str = ""

    def as_json(self) -> dict[str, Any]:
        """The problem as JSON-ready data, without the fields that do not apply; what is very long is cut."""
        return {name: cut(value) for name, value in asdict(self).items() if value}

    def __str__(self) -> str:
        where = _named(self.node, self.node_type) if self.node or self.node_type else ""
        if self.inner:
            where += f", inside it {_named(self.inner, self.inner_type)}"
        if self.socket:
            where += f", input {self.socket}" if where else f"input {self.socket}"
        facts = "; ".join(f"{word} {text}" for word, text in (("expected", self.expected), ("got", self.got)) if text)
        lines = [f"{where}: {self.message}" if where else self.message]
        if facts:
            lines.append(f"  {facts}")
        if self.remedy:
            lines.append(f"  To mend it: {self.remedy}")
        return "\n".join(lines)


def cut(text: str, most: int = MOST_SHOWN) -> str:
    """A text of bounded length; what was left out in its middle is counted."""
    if len(text) <= most:
        return text
    half = most // 2
    return f"{text[:half]} [... {len(text) - 2 * half:,} characters ...] {text[-half:]}"


def _named(node: str, node_type: str) -> str:
    return f"node {node or repr(node)}" + (f" ({node_type})" if node_type else "")


class WorkflowError(ValueError):
    """A workflow cannot be read or run; `problems` holds everything that is wrong with it, not just the first."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


class NodeError(Exception):
    """Raised by a node that cannot do what it was asked: what is wrong, with which input, and what to do."""

    def __init__(self, message: str, *, input: str = "", remedy: str = "") -> None:  # noqa: A002
        super().__init__(message)
        self.input = input
        self.remedy = remedy
