"""Which picture files are read, and how large they may be. No library is needed for it."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass

EXTENSIONS = {
    "PNG": ".png", "JPEG": ".jpg", "MPO": ".jpg", "WEBP": ".webp", "GIF": ".gif", "BMP": ".bmp", "TIFF": ".tiff",
    "AVIF": ".avif",
}  # fmt: skip
"""The formats that are read, all of them plain data, and how files of them are called."""
OPENED = tuple(name for name in EXTENSIONS if name != "MPO")
"""Those to look for; an MPO is found by way of JPEG."""
ANIMATED = frozenset({"PNG", "WEBP", "GIF", "TIFF", "AVIF"})
"""Formats whose further pictures are frames of the same thing; an MPO's are other views of it."""

MAX_PIXELS = 89_000_000
"""In one picture: about the largest that cameras make, and just below where Pillow begins to warn."""
MAX_PIXELS_IN_ALL = 2 * MAX_PIXELS
"""In all frames of an animation together."""
MAX_FRAMES = 10_000

BROKEN = (
    OSError, ValueError, SyntaxError, EOFError, IndexError, KeyError, TypeError, ArithmeticError, AttributeError,
    RuntimeError, MemoryError, struct.error, zlib.error,
)  # fmt: skip
"""What Pillow raises for files that are damaged."""


class PictureError(ValueError):
    """A file is no picture, is damaged, or is too large; the message says which."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a picture's header says."""

    format: str
    width: int
    height: int
    frames: int = 1
