"""Films and files of many pages, of one pixel each, written byte by byte."""

from __future__ import annotations

import struct

DOT = bytes.fromhex("2c00000000010001000002024401003b")[:-1]
"""One frame of a GIF of one pixel."""


def gif(frames: int) -> bytes:
    return b"GIF89a" + struct.pack("<HHBBB", 1, 1, 0x80, 0, 0) + bytes(6) + DOT * frames + b";"


def tiff(pages: int, *, loop: bool = False) -> bytes:
    """A chain of directories of one grey pixel each; with `loop`, the last one leads back to the first."""
    tags = [
        (256, 3, 1),
        (257, 3, 1),
        (258, 3, 8),
        (259, 3, 1),
        (262, 3, 1),
        (273, 4, 8),
        (277, 3, 1),
        (278, 3, 1),
        (279, 4, 1),
    ]
    size = 2 + 12 * len(tags) + 4
    parts = [b"II*\0" + struct.pack("<I", 10) + b"\x80\0"]
    for page in range(pages):
        following = 10 + size * (page + 1) if page + 1 < pages else (10 if loop else 0)
        entries = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in tags)
        parts.append(struct.pack("<H", len(tags)) + entries + struct.pack("<I", following))
    return b"".join(parts)
