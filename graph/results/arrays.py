"""The protocol by which the engine handles arrays: element type, shape and bytes. No torch and no numpy here.

Codecs implement it; whatever looks into values gets them as an argument. No method may change the array.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from typing import Any, Protocol


class ArrayCodec(Protocol):
    """One kind of array: how to recognize it, take it apart and restore it."""

    name: str
    """Part of fingerprints and of stored files, so it never changes."""

    def owns(self, value: object, /) -> bool:
        """Return whether a value is an array of this kind that can be restored without loss."""
        ...

    def describe(self, value: Any, /) -> tuple[str, tuple[int, ...]]:
        """Return element type and shape. Equal types have the same name in every process."""
        ...

    def buffer(self, value: Any, /) -> memoryview:
        """Return the elements as flat bytes in row-major order; a copy only where they are stored in another order."""
        ...

    def restore(self, dtype: str, shape: Sequence[int], data: bytearray, /) -> Any:
        """Restore the array from what `describe` and `buffer` returned. It may keep `data` as its memory.

        Raises `ValueError` when type, shape and data do not match.
        """
        ...

    def storages(self, value: Any, /) -> Iterable[tuple[Hashable, int]]:
        """Return the memory blocks of the array, each as (identity, bytes). All views of a block have one identity."""
        ...


def codec_of(value: object, codecs: Sequence[ArrayCodec]) -> ArrayCodec | None:
    """Return the codec of a value, or None."""
    for codec in codecs:
        if codec.owns(value):
            return codec
    return None
