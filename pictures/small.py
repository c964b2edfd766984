"""Small versions of pictures for lists and galleries: of the first frame, as `reading` gives it."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image

from pictures.colour import Colours
from pictures.formats import Seen
from pictures.opening import opened
from pictures.plain import plain
from pictures.reading import begin_at_first

_CHECKED_AT = 64


def thumbnail(path: Path, size: int) -> bytes:
    """A picture as WebP that fits into a square of `size` pixels, upright; raises `PictureError`."""
    small, _ = _small(path, size)
    written = io.BytesIO()
    small.save(written, "WEBP", quality=80, method=2)
    return written.getvalue()


def check(path: Path) -> Seen:
    """See that a picture can be read, by reading its first frame. Raises `PictureError` as reading it would."""
    return _small(path, _CHECKED_AT)[1]


def _small(path: Path, size: int) -> tuple[Image.Image, Seen]:
    with opened(path) as (picture, seen):
        begin_at_first(picture)
        picture.draft("RGB", (size, size))  # JPEG: decode at a fraction of the size
        return plain(picture, Colours(picture.info), size), seen
