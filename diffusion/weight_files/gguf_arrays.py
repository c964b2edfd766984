"""Long arrays in the metadata of GGUF files, which reading a header passes over: read when somebody asks for one."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from diffusion.weight_files.gguf import SCALARS, STRING

if TYPE_CHECKING:
    from diffusion.weight_files.header import LongArray


def read_texts(content: memoryview, array: LongArray) -> list[str]:
    """The texts of an array; `content` is the whole file. Raises ValueError when it holds something else, or ends."""
    if array.item_type != STRING:
        raise ValueError("it holds no texts")
    found, at = [], array.start
    for _ in range(array.length):
        length = int.from_bytes(content[at : at + 8], "little")
        at += 8
        if at + length > len(content):
            raise ValueError("a text is longer than the file")
        found.append(bytes(content[at : at + length]).decode("utf-8", "backslashreplace"))
        at += length
    return found


def read_numbers(content: memoryview, array: LongArray) -> tuple[float, ...]:
    """The numbers of an array; errors as of `read_texts`."""
    if array.item_type not in SCALARS:
        raise ValueError("it holds no numbers")
    try:
        return struct.unpack_from(f"<{array.length}{SCALARS[array.item_type]}", content, array.start)
    except struct.error as error:
        raise ValueError("it is longer than the file") from error
