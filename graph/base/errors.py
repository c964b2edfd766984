"""Errors that say what is wrong and what to do: a problem has a code, node, socket, expected, got and remedy."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

MOST_SHOWN = 2_000
"""The most characters of each field of a problem in JSON: names and values in it may have any length."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem of a workflow or of a run. Empty fields do not apply.

    `code` is stable and for programs; `message` is one sentence for a person; `node` and `socket` say where. For a
    problem inside a sub-workflow, `node` is the instance on the canvas, `inner` the path from there (`3`, or `3/5`),
    `inner_type` the type of the inner node, and `socket` an input of it.
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
        """Return the problem as JSON-ready data, without fields that do not apply; long fields are cut."""
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
            lines.append(f"  To fix it: {self.remedy}")
        return "\n".join(lines)


def cut(text: str, most: int = MOST_SHOWN) -> str:
    """Cut the middle out of a long text, and say how many characters were left out."""
    if len(text) <= most:
        return text
    half = most // 2
    return f"{text[:half]} [... {len(text) - 2 * half:,} characters ...] {text[-half:]}"


def _named(node: str, node_type: str) -> str:
    return f"node {node or repr(node)}" + (f" ({node_type})" if node_type else "")


class WorkflowError(ValueError):
    """A workflow cannot be read or run. `problems` holds everything that is wrong with it, not only the first."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


class NodeError(Exception):
    """Raised by a node that cannot do its work: what is wrong, which input is the cause, and what to do."""

    def __init__(self, message: str, *, input: str = "", remedy: str = "") -> None:  # noqa: A002
        super().__init__(message)
        self.input = input
        self.remedy = remedy
