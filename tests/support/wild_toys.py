"""Node types for random graphs: of every kind that a graph can hold, and small enough to be worked out by hand.

Each notes what it was called with in a `World`, so that a test can say which calls had to happen. An impure node's
value is a function of the run's id, so that whoever knows the id can tell the value.
"""

from __future__ import annotations

import asyncio
import hashlib
import weakref
from collections.abc import Hashable, Iterator
from typing import Annotated, Any, NamedTuple

from graph.api import BLOCK, Each, Item, Items, Lazy, NodeContext, NodeError, Number, Registry, get_all, node
from graph.node_types.expansion import Expand, Expansion
from tests.support.toys import MODULUS, Box, Boxed, mix

OptionalInt = Annotated[int | None, Number()]
BIG = 2**1100
"""Added to a number, it makes a value that a cache can let go while it remembers the call."""
MOST_ITEMS = 3


class World:
    """What the nodes of one engine, or of the reference, were called with. Safe from any thread."""

    def __init__(self) -> None:
        self.begun: list[tuple[Hashable, ...]] = []
        self.done: list[tuple[Hashable, ...]] = []
        """Calls of pure nodes that returned a value: none of these needs to happen twice."""
        self.boxes: weakref.WeakSet[Box] = weakref.WeakSet()
        """Those that are alive."""

    def begin(self, *call: Hashable) -> None:
        """A node was called."""
        self.begun.append(call)

    def end(self, *call: Hashable) -> None:
        """A pure node returns a value."""
        self.done.append(call)

    def box(self, content: object) -> Box:
        """A value that can be watched."""
        found = Box(content)
        self.boxes.add(found)
        return found


class Two(NamedTuple):
    """A stream with two outputs."""

    one: Each[int]
    other: Each[int]


class Pair(NamedTuple):
    """Two plain outputs, of which one may be blocked."""

    one: int
    other: int


def token_of(run_id: str) -> int:
    """What impure nodes put into their values."""
    return int.from_bytes(hashlib.blake2b(run_id.encode(), digest_size=4).digest(), "big") % MODULUS


def items_of(number: int | None, stop: int | None) -> range:
    """The items that a stream has: few, and often equal ones."""
    return range((stop or 0) % (MOST_ITEMS + 1))


def wild_registry(world: World) -> Registry:
    """All node types, noting their calls in a world."""
    registry = Registry()

    def add(function: Any = None, **options: Any) -> Any:
        if function is None:
            return lambda found: add(found, **options)
        registry.add(node(function.__name__, category="wild", **options)(function).__node_type__)
        return function

    def plain(kind: str, number: int, *values: int | None) -> int:
        world.begin(kind, number, *values)
        world.end(kind, number, *values)
        return mix(number, list(values)) % 1000

    # Plain nodes on every lane

    @add
    def Add(number: int = 0, a: OptionalInt = None, b: OptionalInt = None) -> int:  # noqa: N802
        """Mix some numbers."""
        return plain("Add", number, a, b)

    @add(lane="device")
    def AddDevice(number: int = 0, a: OptionalInt = None, b: OptionalInt = None) -> int:  # noqa: N802
        """Mix some numbers on the device lane."""
        return plain("AddDevice", number, a, b)

    @add(lane="io")
    def AddIo(number: int = 0, a: OptionalInt = None, b: OptionalInt = None) -> int:  # noqa: N802
        """Mix some numbers on the io lane."""
        return plain("AddIo", number, a, b)

    @add
    async def AddAsync(number: int = 0, a: OptionalInt = None, b: OptionalInt = None) -> int:  # noqa: N802
        """Mix some numbers in a coroutine."""
        await asyncio.sleep(0)
        return plain("AddAsync", number, a, b)

    @add
    def Big(number: int = 0, a: OptionalInt = None) -> int:  # noqa: N802
        """A value that is let go when there are too many bytes."""
        world.begin("Big", number, a)
        return BIG + mix(number, [a]) % 1000

    @add
    def Parity(a: OptionalInt = None) -> int:  # noqa: N802
        """Gives equal values for many inputs: what is below need not run again."""
        world.begin("Parity", a)
        world.end("Parity", a)
        return (a or 0) % 2

    @add
    def PairUp(number: int = 0, a: OptionalInt = None) -> Pair:  # noqa: N802
        """Two outputs; the second is blocked now and then."""
        world.begin("PairUp", number, a)
        world.end("PairUp", number, a)
        value = mix(number, [a])
        return Pair(value % 1000, BLOCK if value % 4 == 0 else value % 7)

    @add(cache=False)
    def Impure(context: NodeContext, number: int = 0, a: OptionalInt = None) -> int:  # noqa: N802
        """Another number in every run."""
        world.begin("Impure", context.record.run_id, number, a)
        return mix(number + token_of(context.record.run_id), [a]) % 1000

    @add(side_effect=True)
    def Keep(number: int = 0, a: OptionalInt = None) -> None:  # noqa: N802
        """A side effect."""
        world.begin("Keep", number, a)
        world.end("Keep", number, a)

    @add(side_effect=True)
    def Sign(context: NodeContext, number: int = 0, a: OptionalInt = None) -> None:  # noqa: N802
        """A side effect that waits for its turn; it may be worked out again while another run has it to do."""
        world.begin("Sign", number, a)
        context.in_turn(lambda: world.end("Sign", number, a))

    @add
    def FailIf(number: int = 0, a: OptionalInt = None) -> int:  # noqa: N802
        """Raises now and then."""
        world.begin("FailIf", number, a)
        value = mix(number, [a])
        if value % 3 == 0:
            raise NodeError("torn")
        world.end("FailIf", number, a)
        return value % 1000

    @add
    def BlockIf(number: int = 0, a: OptionalInt = None) -> int:  # noqa: N802
        """Stops its branch now and then."""
        world.begin("BlockIf", number, a)
        world.end("BlockIf", number, a)
        value = mix(number, [a])
        return BLOCK if value % 3 == 0 else value % 1000

    @add
    def Wrap(a: OptionalInt = None) -> Boxed:  # noqa: N802
        """A value without a fingerprint."""
        world.begin("Wrap", a)
        return world.box(a)

    @add
    def Unwrap(box: Boxed, number: int = 0) -> int:  # noqa: N802
        """Reads a value without a fingerprint."""
        world.begin("Unwrap", box.content, number)
        return mix(number, [box.content]) % 1000

    # Lazy inputs

    @add
    def Choose(then: Lazy[int], otherwise: Lazy[int], condition: int = 0) -> int:  # noqa: N802
        """One of two."""
        world.begin("Choose", condition)
        found = then.get() if condition % 2 else otherwise.get()
        world.end("Choose", condition, found)
        return found

    @add
    def Chain(a: Lazy[int], b: Lazy[int], number: int = 0) -> int:  # noqa: N802
        """Asks for the second only if it does not like the first."""
        world.begin("Chain", number)
        first = a.get()
        found = first if first % 2 else mix(number, [first, b.get()]) % 1000
        world.end("Chain", number, first, found)
        return found

    @add
    def Both(a: Lazy[int], b: Lazy[int], number: int = 0) -> int:  # noqa: N802
        """Asks for none or for two at once."""
        world.begin("Both", number)
        if number == 2:
            return 2
        one, two = get_all(a, b)
        world.end("Both", number, one, two)
        return mix(number, [one, two]) % 1000

    @add
    def LazyTotal(values: Lazy[list[int]], condition: int = 0) -> int:  # noqa: N802
        """Collects a stream only if it wants to."""
        world.begin("LazyTotal", condition)
        if condition % 2 == 0:
            return 0
        found = values.get()
        world.end("LazyTotal", condition, *found)
        return mix(0, list(found)) % 1000

    # Streams

    @add
    def Total(values: list[int], number: int = 0) -> int:  # noqa: N802
        """Collects a stream."""
        return plain("Total", number, *values)

    @add
    def Count(number: int = 0, stop: OptionalInt = None, keep_going: bool = False) -> Each[int]:  # noqa: N802
        """A stream of a few numbers, some of them equal."""
        world.begin("Count", number, stop, keep_going)
        found = items_of(number, stop)
        return Items((mix(number, [index // 2]) % 1000 for index in found), len(found), keep_going)

    @add
    def Keyed(number: int = 0, stop: OptionalInt = None, keep_going: bool = False) -> Each[int]:  # noqa: N802
        """Items that are made when somebody needs them; making one fails now and then."""
        world.begin("Keyed", number, stop, keep_going)

        def make(index: int) -> int:
            world.begin("Keyed item", number, index)
            if mix(number, [index]) % 5 == 0:
                raise NodeError("torn item")
            world.end("Keyed item", number, index)
            return mix(number, [index]) % 1000

        found = (Item((number, index), lambda index=index: make(index)) for index in items_of(number, stop))
        return Items(found, None, keep_going)

    @add
    def Torn(number: int = 0, stop: OptionalInt = None) -> Each[int]:  # noqa: N802
        """A stream that breaks off now and then."""
        world.begin("Torn", number, stop)
        yield from items_of(number, stop)
        if mix(number, [stop]) % 2 == 0:
            raise NodeError("torn off")

    @add
    def Twins(number: int = 0, stop: OptionalInt = None, keep_going: bool = False) -> Two:  # noqa: N802
        """A stream with two outputs, of which one is blocked now and then."""
        world.begin("Twins", number, stop, keep_going)
        found = [(mix(number, [i]) % 9, BLOCK if mix(number, [i]) % 4 == 0 else i) for i in items_of(number, stop)]
        return Items(found, None, keep_going)

    @add(cache=False)
    def ImpureCount(context: NodeContext, stop: OptionalInt = None, keep_going: bool = False) -> Each[int]:  # noqa: N802
        """A stream with other numbers in every run."""
        world.begin("ImpureCount", context.record.run_id, stop, keep_going)
        token = token_of(context.record.run_id)
        return Items([(token + index) % 1000 for index in items_of(0, stop)], None, keep_going)

    @add
    def BigCount(number: int = 0, stop: OptionalInt = None, keep_going: bool = False) -> Each[int]:  # noqa: N802
        """A stream of values that are let go when there are too many bytes."""
        world.begin("BigCount", number, stop, keep_going)
        return Items([BIG + number + index for index in items_of(number, stop)], None, keep_going)

    @add
    def WrapCount(stop: OptionalInt = None, keep_going: bool = False) -> Each[Boxed]:  # noqa: N802
        """A stream of values without fingerprints."""
        world.begin("WrapCount", stop, keep_going)
        return Items([world.box(index) for index in items_of(0, stop)], None, keep_going)

    @add
    def Spread(values: list[int], keep_going: bool = False) -> Each[int]:  # noqa: N802
        """A list as a stream."""
        world.begin("Spread", *values, keep_going)
        return Items(values, len(values), keep_going)

    @add
    def Listed(number: int = 0, stop: OptionalInt = None) -> list[int]:  # noqa: N802
        """A list as a value."""
        world.begin("Listed", number, stop)
        return [mix(number, [index]) % 1000 for index in items_of(number, stop)]

    # Graphs in a node's place

    @add
    def Twice(number: int = 0, a: OptionalInt = None) -> int | Expand:  # noqa: N802
        """Two nodes in a row."""
        world.begin("Twice", number, a)
        inner = Expansion()
        one = inner.add("Add", number=number, a=a)
        return inner.returns(inner.add("AddDevice", number=number, a=one["INT"], b=one["INT"])["INT"])

    @add
    def CountDown(number: int = 0, a: OptionalInt = None) -> int | Expand:  # noqa: N802
        """Expands a few levels deep."""
        world.begin("CountDown", number, a)
        inner = Expansion()
        if number <= 0:
            return inner.returns(0 if a is None else a)
        one = inner.add("Add", number=number, a=a)
        return inner.returns(inner.add("CountDown", number=number - 1, a=one["INT"])["INT"])

    def around(name: str, inside: str) -> None:
        def function(number: int = 0, a: OptionalInt = None) -> int | Expand:
            world.begin(name, number, a)
            inner = Expansion()
            found = inner.add(inside, number=number, a=a)
            inner.add("Keep", number=number, a=a)
            return inner.returns(inner.add("Add", a=found["INT"], b=a)["INT"])

        function.__name__, function.__doc__ = name, f"{inside} in the node's place."
        add(function)

    for inside in ("Impure", "FailIf", "BlockIf", "Big", "AddAsync", "AroundImpure"):
        around("Around" + inside, inside)

    @add
    def AroundChoose(number: int = 0, a: OptionalInt = None, b: OptionalInt = None) -> int | Expand:  # noqa: N802
        """A lazy choice in the node's place."""
        world.begin("AroundChoose", number, a, b)
        inner = Expansion()
        one, two = inner.add("Add", a=a), inner.add("FailIf", a=b)
        chosen = inner.add("Choose", condition=0 if a is None else a, then=one["INT"], otherwise=two["INT"])
        return inner.returns(chosen["INT"])

    @add
    def AroundCount(number: int = 0, stop: OptionalInt = None, keep_going: bool = False) -> int | Expand:  # noqa: N802
        """A stream and what collects it in the node's place."""
        world.begin("AroundCount", number, stop, keep_going)
        inner = Expansion()
        items = inner.add("Count", number=number, stop=stop, keep_going=keep_going)
        each = inner.add("FailIf" if number == 2 else "BlockIf", number=number, a=items["INT"])
        return inner.returns(inner.add("Total", values=each["INT"])["INT"])

    @add
    def ListOut(number: int = 0, stop: OptionalInt = None, keep_going: bool = False) -> list[int] | Expand:  # noqa: N802
        """A stream in the node's place, given out as a list."""
        world.begin("ListOut", number, stop, keep_going)
        inner = Expansion()
        items = inner.add("Keyed", number=number, stop=stop, keep_going=keep_going)
        return inner.returns(inner.add("Add", number=number, a=items["INT"])["INT"])

    @add
    def AroundBox(box: Boxed, number: int = 0) -> int | Expand:  # noqa: N802
        """A value without a fingerprint, given to inner nodes."""
        world.begin("AroundBox", box.content, number)
        inner = Expansion()
        return inner.returns(inner.add("Unwrap", box=box, number=number)["INT"])

    return registry


def iterate(items: Any) -> Iterator[Any]:
    """The items of a stream, whatever way it was given."""
    return iter(items.items if isinstance(items, Items) else items)
