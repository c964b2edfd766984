"""The warnings of nodes, collected and bounded.

Of each node `MOST_WARNINGS` are listed and the others counted, and each is cut to `LONGEST`. A repeated warning is
listed once; in a stream it counts the items that it applies to.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

MOST_WARNINGS, LONGEST = 20, 500


@dataclass(frozen=True, slots=True)
class NodeWarning:
    """One warning of a node. In a stream it applies to `times` items, the first of which is `item`."""

    message: str
    times: int = 1
    item: tuple[int, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return it for JSON; a plain warning has a message only."""
        described: dict[str, Any] = {"message": self.message}
        if self.item:
            described |= {"times": self.times, "item": list(self.item)}
        return described

    def __str__(self) -> str:
        if not self.item:
            return self.message
        where = f"item {'.'.join(map(str, self.item))}" + (f" and {self.times - 1} more" if self.times > 1 else "")
        return f"{where}: {self.message}"


@dataclass(frozen=True, slots=True)
class NodeWarnings:
    """The warnings of a node; `more` further ones are not listed."""

    listed: tuple[NodeWarning, ...] = ()
    more: int = 0

    def __bool__(self) -> bool:
        return bool(self.listed)

    @property
    def count(self) -> int:
        """How many different warnings there are."""
        return len(self.listed) + self.more

    def lines(self) -> list[str]:
        """Return every warning as text, and the number of those that are not listed."""
        return [*map(str, self.listed), *([f"and {self.more} more"] if self.more else [])]

    def as_data(self) -> list[Any]:
        """Return it for storage; `from_data` reads it."""
        return [[[each.message, each.times, list(each.item)] for each in self.listed], self.more]

    @classmethod
    def from_data(cls, data: Any) -> NodeWarnings:
        """Read what was stored. Raises `TypeError` and `ValueError` for invalid data."""
        listed, more = data
        read = tuple(NodeWarning(str(text), int(times), tuple(map(int, item))) for text, times, item in listed)
        return cls(read, int(more)) if read else NO_WARNINGS


NO_WARNINGS = NodeWarnings()


class WarningCollector:
    """Collects warnings. Safe from any thread."""

    def __init__(self) -> None:
        self._listed: dict[str, NodeWarning] = {}
        self._more = 0
        self._lock = threading.Lock()

    def add(self, message: str, times: int = 1, item: tuple[int, ...] = ()) -> bool:
        """Add a warning; return whether it is a new one."""
        with self._lock:
            known = self._listed.get(message)
            if known is not None:
                if item:
                    self._listed[message] = NodeWarning(message, known.times + times, min(known.item or item, item))
                return False
            if len(self._listed) >= MOST_WARNINGS:
                self._more += 1
                return True
            self._listed[message] = NodeWarning(message, times, item)
            return True

    def add_all(self, warned: NodeWarnings, item: tuple[int, ...] = ()) -> None:
        """Add all warnings of another collector; with `item`, they apply to that item."""
        for each in warned.listed:
            self.add(each.message, each.times, item or each.item)
        with self._lock:
            self._more += warned.more

    def taken(self) -> NodeWarnings:
        """Return the warnings so far."""
        with self._lock:
            in_order = sorted(self._listed.values(), key=lambda each: each.item)  # items finish in any order
            return NodeWarnings(tuple(in_order), self._more) if in_order else NO_WARNINGS


def in_words(message: object) -> str:
    """Return a warning as it is shown: valid text of bounded length."""
    text = str(message).encode("utf-8", "replace").decode().strip() or "something is not as it should be"
    return text if len(text) <= LONGEST else text[: LONGEST - 1].rstrip() + "…"
