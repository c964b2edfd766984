"""How many frames an animation or a file of many pages has, read off its structure: linear, and no further than asked.

Pillow counts by going from frame to frame, which takes minutes for millions of them, and longer for pages that it
looks up in a list. Formats that say their number in the header are taken at their word.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

_EXTENSION, _IMAGE = 0x21, 0x2C
_COLOURS, _SIZE = 0x80, 0x07


def count_frames(picture: Picture, file: BinaryIO, most: int) -> int:
    """The number of frames of an opened picture; more than `most` are told as one more than that."""
    place = file.tell()
    try:
        if picture.format == "GIF":
            return max(1, _of_gif(file, most))
        if picture.format == "TIFF":
            return max(1, _of_tiff(file, most))
    except (struct.error, IndexError, OverflowError, ValueError):
        return 1  # it is cut off before the end of its first frame: reading it says so
    finally:
        file.seek(place)
    return min(int(getattr(picture, "n_frames", 1)), most + 1)


def _of_gif(file: BinaryIO, most: int) -> int:
    file.seek(0)
    header = file.read(13)
    if header[10] & _COLOURS:
        file.seek(3 << ((header[10] & _SIZE) + 1), 1)
    frames = 0
    while frames <= most and (kind := file.read(1)):
        if kind[0] == _IMAGE:
            described = file.read(9)
            if len(described) < 9:
                break
            if described[8] & _COLOURS:
                file.seek(3 << ((described[8] & _SIZE) + 1), 1)
            file.seek(1, 1)
            frames += 1
            _skip_blocks(file)
        elif kind[0] == _EXTENSION:
            file.seek(1, 1)
            _skip_blocks(file)
        elif kind[0]:
            break
    return frames


def _skip_blocks(file: BinaryIO) -> None:
    while (length := file.read(1)) and length[0]:
        file.seek(length[0], 1)


def _of_tiff(file: BinaryIO, most: int) -> int:
    """Pages are a chain of directories, each of which says where the next one is."""
    file.seek(0)
    header = file.read(16)
    order = "<" if header[:2] == b"II" else ">"
    is_big = struct.unpack_from(order + "H", header, 2)[0] == 43
    count, entry, offset = ("Q", 20, "Q") if is_big else ("H", 12, "L")
    place = struct.unpack_from(order + offset, header, 8 if is_big else 4)[0]
    seen: set[int] = set()
    while place and place not in seen and len(seen) <= most:
        file.seek(place)
        head = file.read(struct.calcsize(order + count))
        if not head:
            break
        seen.add(place)
        file.seek(struct.unpack(order + count, head)[0] * entry, 1)
        place = struct.unpack(order + offset, file.read(struct.calcsize(order + offset)))[0]
    return len(seen)
