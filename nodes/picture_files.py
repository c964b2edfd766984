"""Picture files from strangers, read defensively: header before pixels, every format to RGB or RGBA of 8 bits.

A picture file here is what Pillow reads, in a few formats that are plain data. Nothing about tensors or nodes.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

from PIL import Image, ImageOps, ImageSequence, UnidentifiedImageError

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "AVIF")
ANIMATED = ("PNG", "WEBP", "GIF", "TIFF", "AVIF")
"""Formats whose further pictures are frames of the same thing; an MPO's are other views of it."""

MAX_PIXELS = 89_000_000
"""In one picture: about the largest that cameras make, and just below where Pillow begins to warn."""
MAX_PIXELS_IN_ALL = 2 * MAX_PIXELS
"""In all frames of an animation together."""
MAX_FRAMES = 10_000

_BROKEN = (OSError, ValueError, SyntaxError, EOFError, IndexError, KeyError, TypeError, OverflowError, struct.error)


class PictureError(ValueError):
    """A file is no picture, is damaged, or is too large; the message says which."""


def read_pictures(path: Path) -> list[Image.Image]:
    """The frames of a picture file, upright, in mode "RGB" or "RGBA", those of another size than the first left out.

    Raises `PictureError`; too many pixels are refused by what the header says, before any is decoded.
    """
    try:
        with Image.open(path, formats=FORMATS) as picture:
            _refuse_bomb(picture)
            frames = [_plain(frame) for frame in _frames(picture)]
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise PictureError(f"it has more than {MAX_PIXELS:,} pixels") from None
    except UnidentifiedImageError:
        raise PictureError("it is not a picture in a format that can be read") from None
    except (*_BROKEN, zlib.error) as error:
        if isinstance(error, PictureError):
            raise
        raise PictureError(f"it is damaged or cut off ({error})") from None
    if not frames:
        raise PictureError("it holds no picture")
    return [frame for frame in frames if frame.size == frames[0].size]


def _refuse_bomb(picture: Image.Image) -> None:
    width, height = picture.size
    frames = getattr(picture, "n_frames", 1) if picture.format in ANIMATED else 1
    if width * height > MAX_PIXELS:
        raise PictureError(f"it has {width} x {height} pixels; the limit is {MAX_PIXELS:,} in all")
    if frames > MAX_FRAMES:
        raise PictureError(f"it has {frames:,} frames; the limit is {MAX_FRAMES:,}")
    if width * height * frames > MAX_PIXELS_IN_ALL:
        raise PictureError(f"its {frames} frames of {width} x {height} have more than {MAX_PIXELS_IN_ALL:,} pixels")


def _frames(picture: Image.Image) -> Iterator[Image.Image]:
    if picture.format not in ANIMATED or getattr(picture, "n_frames", 1) == 1:
        yield picture
        return
    size = picture.size
    for number, frame in enumerate(ImageSequence.Iterator(picture)):
        if number == 0 and getattr(picture, "default_image", False):
            continue  # an animated PNG's stand-in for programs that cannot play it
        if frame.size == size:  # known before decoding: a page may be a bomb of its own
            yield frame


def _plain(frame: Image.Image) -> Image.Image:
    """Upright, and in one of two modes. Deep grey pictures are scaled to their full range, not clipped."""
    frame.load()
    upright = _upright(frame)
    if upright.mode.startswith("I;16") or upright.mode == "I":
        upright = _eight_bits(upright, 1 / 257)
    elif upright.mode == "F":
        upright = _eight_bits(upright, 255.0)
    has_alpha = "A" in upright.getbands() or "transparency" in upright.info
    return upright.convert("RGBA" if has_alpha else "RGB")


def _upright(frame: Image.Image) -> Image.Image:
    """Turned as its EXIF says; a damaged EXIF says nothing, and is no reason to refuse a whole picture."""
    try:
        return ImageOps.exif_transpose(frame)
    except _BROKEN:
        return frame


def _eight_bits(deep: Image.Image, scale: float) -> Image.Image:
    """A picture of 16-bit levels (0 to 65,535) or of floats (0 to 1) as 8-bit grey."""
    import numpy as np

    levels = np.nan_to_num(np.asarray(deep, dtype=np.float64) * scale, nan=0.0)
    return Image.fromarray(np.clip(np.rint(levels), 0, 255).astype(np.uint8), "L")
