"""Opening a picture file and judging it by its header: format, size and number of frames, before any pixel is decoded.

Whatever the bytes are, a picture comes out or a `PictureError`.
"""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator
from pathlib import Path

from PIL import Image, PngImagePlugin, UnidentifiedImageError

from graph.base.plain_files import NotPlainError, open_plain
from pictures.counting import count_frames
from pictures.formats import ANIMATED, BROKEN, MAX_FRAMES, MAX_PIXELS, MAX_PIXELS_IN_ALL, OPENED, PictureError, Seen

PngImagePlugin.MAX_TEXT_CHUNK = 16 * 2**20
"""Bytes of one compressed text or colour profile of a PNG. With Pillow's own limit of 1 MiB a picture with a measured
profile, or with the record of a large workflow that another program has compressed, would be refused as damaged."""


@contextlib.contextmanager
def opened(path: Path) -> Iterator[tuple[Image.Image, Seen]]:
    """A picture whose size was found to be bearable, and what its header says; raises `PictureError`.

    What Pillow raises later, over what lies behind the header, is told in the same way.
    """
    try:
        with warnings.catch_warnings(), open_plain(path) as file:
            warnings.simplefilter("ignore")  # about odd tags; sizes are judged below
            with Image.open(file, formats=OPENED) as picture:
                frames = count_frames(picture, file, MAX_FRAMES) if picture.format in ANIMATED else 1
                yield picture, _judged(picture, frames)
    except PictureError:
        raise
    except FileNotFoundError:
        raise PictureError("it is not there any more") from None
    except NotPlainError:
        raise PictureError("it is not a plain file") from None
    except PermissionError:
        raise PictureError("this program has no right to read it") from None
    except Image.DecompressionBombError:
        raise PictureError(f"it has more than {MAX_PIXELS:,} pixels") from None
    except UnidentifiedImageError:
        raise PictureError("it is not a picture in a format that can be read") from None
    except BROKEN as error:
        raise PictureError(f"it is damaged or cut off ({error})") from None


def look(path: Path) -> Seen:
    """What the header of a picture says; raises as `opened`."""
    with opened(path) as (_, seen):
        return seen


def _judged(picture: Image.Image, frames: int) -> Seen:
    width, height = picture.size
    if width * height > MAX_PIXELS:
        raise PictureError(f"it has {width} x {height} pixels; the limit is {MAX_PIXELS:,} in all")
    if frames > MAX_FRAMES:
        raise PictureError(f"it has more than {MAX_FRAMES:,} frames")
    if width * height * frames > MAX_PIXELS_IN_ALL:
        raise PictureError(f"its {frames} frames of {width} x {height} have more than {MAX_PIXELS_IN_ALL:,} pixels")
    return Seen(str(picture.format), width, height, frames)
