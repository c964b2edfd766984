"""Special inputs and outputs of nodes: lazy inputs, streams, `BLOCK`, values given from outside.

    def choose(condition: bool, then: Lazy[Image], otherwise: Lazy[Image]) -> Image:
        return then.get() if condition else otherwise.get()

    def numbers(stop: int) -> Each[int]:
        yield from range(stop)

Node authors use these; `graph.running` implements them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

T = TypeVar("T")

MOST_ITEMS = 1_000_000
"""The most items of a list that is collected or joined: a loop that joins lists would double them without end."""


class NeedsInputs(BaseException):
    """A body requested lazy inputs that are not computed yet: the engine computes them and calls the body again.

    No `Exception`, so that a body that catches `Exception` does not catch it.
    """

    def __init__(self, names: tuple[str, ...]) -> None:
        super().__init__(*names)
        self.names = names


class Lazy(Generic[T]):
    """An input that is computed only when the body requests it.

    Requesting one that is not computed yet ends the call; when its value is there, the body is called again from the
    start. So request lazy inputs before any work, several at once with `get_all`.
    """

    __slots__ = ("_name", "_there", "_value")

    def __init__(self, name: str, value: Any = None, *, there: bool = False) -> None:
        self._name = name
        self._value = value
        self._there = there

    def get(self) -> T:
        """Return the value."""
        if not self._there:
            raise NeedsInputs((self._name,))
        value: T = self._value
        return value

    def peek(self) -> T | None:
        """Return the value if it is computed, without requesting it."""
        value: T | None = self._value
        return value


def get_all(*inputs: Lazy[Any]) -> tuple[Any, ...]:
    """Return the values of several lazy inputs, computed in parallel."""
    missing = tuple(item._name for item in inputs if not item._there)
    if missing:
        raise NeedsInputs(missing)
    return tuple(item.get() for item in inputs)


class Each(Generic[T]):
    """As the type of an output: the node returns a stream of `T`, and the nodes that read it run once for each item.

    The node returns any iterable, best a generator, which is asked for an item only when there is room for it; or an
    `Items` with more facts. An input of type `list[T]` collects a stream.
    """


@dataclass(frozen=True, slots=True)
class Item:
    """A stream item that is made only when it is needed.

    `key` (plain data: numbers, texts, tuples of them) covers everything that the value depends on, such as a file's
    name, size and time: an item with a known key is not made again.
    """

    key: object
    make: Callable[[], Any]


@dataclass(frozen=True, slots=True)
class Items:
    """A stream with its length, and whether it goes on after an item failed."""

    items: Iterable[Any]
    total: int | None = None
    keep_going: bool = False


class _Blocked:
    """Stops a branch without an error: nodes that receive it are not called."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "BLOCK"


BLOCK = _Blocked()
"""As the value of an output, it keeps the nodes that read the output from running, without an error."""


@dataclass(frozen=True, slots=True)
class GivenValue:
    """A value given from outside the graph: an inner graph gets these from the node in whose place it runs.

    Values with equal fingerprints are equal. None means that the value has no fingerprint.
    """

    value: Any
    fingerprint: bytes | None
