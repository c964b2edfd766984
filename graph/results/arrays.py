"""Arrays as the engine sees them: a type, a shape and bytes. It knows neither torch nor numpy; codecs do.

A codec is handed to whatever needs to look into values. None of its methods may change the array.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from typing import Any, Protocol


class ArrayCodec(Protocol):
    """One kind of arrays: how to tell them, take them apart and put them together again."""

    name: str
    """Stands in fingerprints and files: it never changes."""

    def owns(self, value: object, /) -> bool:
        """Whether this is one of mine, and can be taken apart and put together without loss."""
        ...

    def describe(self, value: Any, /) -> tuple[str, tuple[int, ...]]:
        """Element type and shape. Equal types have one name, in every process."""
        ...

    def buffer(self, value: Any, /) -> memoryview:
        """The elements as flat bytes, in row order; a copy only when they do not lie like that already."""
        ...

    def restore(self, dtype: str, shape: Sequence[int], data: bytearray, /) -> Any:
        """The array that `describe` and `buffer` told of. It may keep `data` as its memory.

        Raises `ValueError` when the three do not belong together.
        """
        ...

    def storages(self, value: Any, /) -> Iterable[tuple[Hashable, int]]:
        """The pieces of memory that the array holds, each with its bytes: all views of one have one identity."""
        ...


def codec_of(value: object, codecs: Sequence[ArrayCodec]) -> ArrayCodec | None:
    """The codec that a value belongs to."""
    for codec in codecs:
        if codec.owns(value):
            return codec
    return None
