"""Pictures from strangers: what the header says, before anything is decoded; and small versions of them.

Only formats that are plain data are read. Pillow is loaded on first use: the server starts without it.
"""

from __future__ import annotations

import contextlib
import io
import struct
import warnings
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

EXTENSIONS = {
    "PNG": ".png", "JPEG": ".jpg", "MPO": ".jpg", "WEBP": ".webp", "GIF": ".gif", "BMP": ".bmp", "TIFF": ".tiff",
    "AVIF": ".avif",
}  # fmt: skip
_FORMATS = tuple(name for name in EXTENSIONS if name != "MPO")  # which Pillow finds by way of JPEG
MAX_PIXELS = 89_000_000
"""In one frame; `MAX_FRAMES_PIXELS` in all frames of an animation together."""
MAX_FRAMES_PIXELS = 2 * MAX_PIXELS
_BROKEN = (
    OSError, ValueError, SyntaxError, EOFError, IndexError, KeyError, TypeError, OverflowError, AttributeError,
    NotImplementedError, struct.error, zlib.error,
)  # fmt: skip


class PictureRefusedError(ValueError):
    """A file is no picture that is read here; the message says why."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a picture's header says."""

    format: str
    width: int
    height: int
    frames: int = 1


def inspect(path: Path) -> Seen:
    """Read a picture's header; raises `PictureRefusedError` for what is none, or has too many pixels."""
    with _opened(path) as picture:
        return _look(picture)


def verify(path: Path) -> Seen:
    """Read a picture's header and check its structure, without decoding its pixels; raises `PictureRefusedError`."""
    with _opened(path) as picture:
        seen = _look(picture)
        picture.verify()
    return seen


def thumbnail(path: Path, size: int) -> bytes:
    """A picture as WebP that fits into a square of `size` pixels, upright; raises `PictureRefusedError`."""
    from PIL import ImageOps

    with _opened(path) as picture:
        _look(picture)
        picture.draft("RGB", (size, size))  # JPEG: decode at a fraction of the size
        small: Any = ImageOps.exif_transpose(picture)
        small.thumbnail((size, size))
        kept = "RGBA" if "A" in small.getbands() or "transparency" in small.info else "RGB"
        written = io.BytesIO()
        small.convert(kept).save(written, "WEBP", quality=80, method=2)
        return written.getvalue()


def _look(picture: Picture) -> Seen:
    width, height = picture.size
    if width * height > MAX_PIXELS:
        raise PictureRefusedError(f"it has {width} x {height} pixels; the limit is {MAX_PIXELS:,} in all")
    frames = int(getattr(picture, "n_frames", 1))
    if width * height * frames > MAX_FRAMES_PIXELS:
        raise PictureRefusedError(f"its {frames} frames have more than {MAX_FRAMES_PIXELS:,} pixels in all")
    return Seen(str(picture.format), width, height, frames)


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[Picture]:
    from PIL import Image, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # sizes are judged by `_look`
            with Image.open(path, formats=_FORMATS) as picture:
                yield picture
    except PictureRefusedError:
        raise
    except Image.DecompressionBombError:
        raise PictureRefusedError(f"it has more than {MAX_PIXELS:,} pixels") from None
    except UnidentifiedImageError:
        raise PictureRefusedError("it is not a picture in a format that is read here") from None
    except FileNotFoundError:
        raise
    except _BROKEN as error:
        raise PictureRefusedError(f"it is damaged or cut off ({error})") from None
