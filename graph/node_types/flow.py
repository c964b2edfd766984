"""What a node may take and give besides plain values: lazy inputs, streams, nothing at all, values from outside.

    def choose(condition: bool, then: Lazy[Image], otherwise: Lazy[Image]) -> Image:
        return then.get() if condition else otherwise.get()

    def numbers(stop: int) -> Each[int]:
        yield from range(stop)

These are the words that node authors use; how they run is told in `graph.running.execution` and
`graph.running.streams`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

T = TypeVar("T")

MOST_ITEMS = 1_000_000
"""Items of one list, collected or joined: lists that are joined again and again would double until memory is full."""


class NeedsInputs(BaseException):
    """A body asked for lazy inputs that are not there yet: the engine gets them and calls the body again.

    No `Exception`, so that a body that catches those does not catch this.
    """

    def __init__(self, names: tuple[str, ...]) -> None:
        super().__init__(*names)
        self.names = names


class Lazy(Generic[T]):
    """An input that is worked out only when the body asks for it.

    Asking for one that is not there yet ends the call; once the value is there, the body is called again from its
    beginning. So ask before any work is done, and for several at once with `get_all`.
    """

    __slots__ = ("_name", "_there", "_value")

    def __init__(self, name: str, value: Any = None, *, there: bool = False) -> None:
        self._name = name
        self._value = value
        self._there = there

    def get(self) -> T:
        """The value."""
        if not self._there:
            raise NeedsInputs((self._name,))
        value: T = self._value
        return value

    def peek(self) -> T | None:
        """The value if it is there; asks for nothing."""
        value: T | None = self._value
        return value


def get_all(*inputs: Lazy[Any]) -> tuple[Any, ...]:
    """The values of several lazy inputs, worked out beside each other."""
    missing = tuple(item._name for item in inputs if not item._there)
    if missing:
        raise NeedsInputs(missing)
    return tuple(item.get() for item in inputs)


class Each(Generic[T]):
    """As the type of an output: the node gives a stream of `T`, and the nodes below it run once for each item.

    The node returns any iterable (a generator is best: it is asked for an item only when there is room for one), or
    `Items` to say more. An input of type `list[T]` collects a stream again.
    """


@dataclass(frozen=True, slots=True)
class Item:
    """An item of a stream that is made only when somebody needs it.

    `key` (plain data: numbers, texts, tuples of them) tells everything that the value depends on, such as a file's
    name, size and time: an item with the same key is not made again.
    """

    key: object
    make: Callable[[], Any]


@dataclass(frozen=True, slots=True)
class Items:
    """A stream with something to say: how many items it has, and whether one that fails stops the others."""

    items: Iterable[Any]
    total: int | None = None
    keep_going: bool = False


class _Blocked:
    """Stops a branch quietly: nodes that get it are not called."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "BLOCK"


BLOCK = _Blocked()
"""Given as the value of an output, it keeps what reads that output from running, without an error."""


@dataclass(frozen=True, slots=True)
class GivenValue:
    """A value that a graph is handed from outside: what an inner graph gets from the node in whose place it runs.

    `mark` identifies the value: equal marks, equal values. None means that nothing is known of it.
    """

    value: Any
    fingerprint: bytes | None
