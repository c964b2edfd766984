"""What the header of a weight file says: names, types and shapes of its tensors. Free of torch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

BITS = dict.fromkeys(("F64", "I64", "U64", "C64"), 64) | dict.fromkeys(("F32", "I32", "U32"), 32)
BITS |= dict.fromkeys(("F16", "BF16", "I16", "U16"), 16) | dict.fromkeys(("I8", "U8", "BOOL"), 8)
BITS |= dict.fromkeys(("F8_E4M3", "F8_E5M2", "F8_E8M0", "F8_E4M3FNUZ", "F8_E5M2FNUZ"), 8)
BITS |= {"F6_E2M3": 6, "F6_E3M2": 6, "F4": 4}
"""How wide the values of the types of safetensors are. Others are kept as they are called: new ones come each year."""


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


@dataclass(frozen=True, slots=True)
class UnreadHeader:
    """A header of which only the metadata were read: `read` reads the tensors, and raises DiffusionError if these are
    not as they should be. Of a file of `size` bytes the tensors take those from `base` on.

    Files of one `likeness` (and as many bytes from `base` on) have the same tensors at the same places from `base` on,
    if `read` takes one of them. It is b"" where that is not known before reading, and nor are the metadata then.
    """

    size: int
    base: int
    likeness: bytes
    metadata: Mapping[str, object] = field(repr=False)
    read: Callable[[], Header] = field(repr=False)


class LongArray(NamedTuple):
    """An array of a GGUF file's metadata that was passed over: the type of its items as the format counts them, how
    many there are, and where the first begins in the file."""

    item_type: int
    length: int
    start: int
