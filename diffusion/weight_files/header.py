"""What the header of a weight file says: names, types and shapes of its tensors. Free of torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple


class TensorInfo(NamedTuple):  # a tuple, for there are thousands in a file, and this is made quickest
    """One tensor: `dtype` as the format spells it ("F16", "F8_E4M3", "U8"; of GGUF "Q4_K"), its shape in the order of
    torch, and the bytes of the file that hold it, from `start` to before `end`."""

    dtype: str
    shape: tuple[int, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Header:
    """A file's tensors by name, and its free texts. `format` is "safetensors" or "gguf"; `size` the file's bytes.

    Metadata are as they stand in the file: texts of safetensors; texts, numbers, and tuples of numbers of GGUF, where
    an array that is long or holds texts is a `LongArray`, which was not read.
    """

    format: str
    size: int
    tensors: Mapping[str, TensorInfo] = field(repr=False)
    metadata: Mapping[str, object] = field(repr=False)


class LongArray(NamedTuple):
    """An array of a GGUF file's metadata that was passed over: the type of its items as the format counts them, how
    many there are, and where the first begins in the file."""

    item_type: int
    length: int
    start: int
