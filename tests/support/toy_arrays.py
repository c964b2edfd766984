"""Arrays without a library, their codec, and results of them. An array is a shape over bytes, perhaps shared ones."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Sequence

from graph.node_types.context import Artifact
from graph.results.fingerprint import Fingerprinter
from graph.results.result import Result


class ToyArray:
    """Some bytes with a type and a shape. `memory` is the whole piece that they are a part of."""

    def __init__(
        self, data: bytes | bytearray | memoryview, dtype: str = "u8", shape: Sequence[int] | None = None,
        memory: object = None,
    ) -> None:  # fmt: skip
        self.data = memoryview(data)
        self.dtype = dtype
        self.shape = tuple(shape) if shape is not None else (len(self.data),)
        self.memory = self.data.obj if memory is None else memory

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ToyArray) and (self.dtype, self.shape, bytes(self.data)) == (
            other.dtype, other.shape, bytes(other.data)
        )  # fmt: skip

    def __hash__(self) -> int:
        return 0

    def view(self, start: int, stop: int) -> ToyArray:
        """A part of it, in the same memory."""
        return ToyArray(self.data[start:stop], self.dtype, memory=self.memory)


def zeros(nbytes: int) -> ToyArray:
    """An array with memory of its own."""
    return ToyArray(bytearray(nbytes))


class ToyArrays:
    """The codec of toy arrays."""

    name = "toy"

    def owns(self, value: object, /) -> bool:
        return type(value) is ToyArray

    def describe(self, value: ToyArray, /) -> tuple[str, tuple[int, ...]]:
        return value.dtype, value.shape

    def buffer(self, value: ToyArray, /) -> memoryview:
        return value.data

    def restore(self, dtype: str, shape: Sequence[int], data: bytearray, /) -> ToyArray:
        if math.prod(shape) != len(data):
            raise ValueError("the shape does not fit")
        return ToyArray(data, dtype, shape)

    def storages(self, value: ToyArray, /) -> Iterable[tuple[Hashable, int]]:
        return [(id(value.memory), len(value.memory))]  # type: ignore[arg-type]


MARKS = Fingerprinter([ToyArrays()])


def result(*values, seconds: float = 1.0, artifacts: tuple[Artifact, ...] = ()) -> Result:
    """A result of some values, with their marks."""
    return Result(values, tuple(MARKS.of(value) for value in values), artifacts, seconds)
