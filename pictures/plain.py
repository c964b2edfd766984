"""One decoded frame, of any of Pillow's modes, as an upright sRGB picture of 8 bits: mode "RGB", or "RGBA".

Deep pictures are scaled to their full range, not clipped at 255. A damaged EXIF says nothing about which way is up, and
is no reason to refuse a whole picture.
"""

from __future__ import annotations

import numpy as np
from PIL import Image

from pictures.colour import Colours
from pictures.formats import BROKEN

CUT = "some of its values are below black or above white and were cut off"
NO_NUMBERS = "some of its values are no numbers, and became black"
_ORIENTATION = 0x0112
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_270, 7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}  # fmt: skip
_BITS, _MEANING, _WHITE_IS_ZERO = 258, 262, 0
"""Of TIFF files (TIFF 6.0, BitsPerSample and PhotometricInterpretation)."""
_KEPT = ("L", "RGB", "CMYK", "LAB")
"""Modes in which a profile may speak of a picture; the others become one of these first."""
AT_ONCE = 2**20
"""Deep pixels that are worked on at once: each takes some 30 bytes meanwhile, and pictures have millions."""


def plain(frame: Image.Image, colours: Colours, fit: int | None = None) -> Image.Image:
    """A frame as "RGB" or "RGBA"; with `fit`, reduced so that it fits into a square of so many pixels."""
    frame.load()
    turn = _TURNS.get(_orientation(frame))
    alpha, picture = _parts(frame, colours)
    if fit is not None:
        alpha, picture = _reduced(alpha, picture, fit)
    picture = colours.to_srgb(picture)
    if alpha is not None:
        picture.putalpha(alpha)
    return picture if turn is None else picture.transpose(turn)


def _orientation(frame: Image.Image) -> int:
    try:
        found = frame.getexif().get(_ORIENTATION)
        return found if isinstance(found, int) else 1
    except BROKEN:
        return 1


def _parts(frame: Image.Image, colours: Colours) -> tuple[Image.Image | None, Image.Image]:
    """The opacity of a frame, if it has one, and the rest of it in one of the modes that are kept."""
    if frame.mode.startswith("I") or frame.mode == "F":
        return _from_deep(frame, colours)
    if frame.mode in ("La", "RGBa"):
        frame = frame.convert({"La": "LA", "RGBa": "RGBA"}[frame.mode])
    if (frame.mode != "LAB" and "A" in frame.getbands()) or "transparency" in frame.info:
        is_grey = frame.mode == "LA" or (frame.mode in ("1", "L"))
        whole = frame.convert("RGBA")
        return whole.getchannel("A"), whole.getchannel("R") if is_grey else whole.convert("RGB")
    if frame.mode in _KEPT:
        return None, frame
    return None, frame.convert("L" if frame.mode == "1" else "RGB")


def _from_deep(frame: Image.Image, colours: Colours) -> tuple[Image.Image | None, Image.Image]:
    """A picture of 16-bit levels (0 to 65,535) or of floats (0 to 1) as 8-bit grey."""
    tags = getattr(frame, "tag_v2", {})
    white = 1.0 if frame.mode == "F" else 2.0 ** (12 if tags.get(_BITS) == (12,) else 16) - 1
    is_negative = tags.get(_MEANING) == _WHITE_IS_ZERO and frame.mode != "F"  # Pillow turns those of 8 bits round
    seen_through = frame.info.get("transparency")
    grey = np.empty((frame.height, frame.width), dtype=np.uint8)
    alpha = np.empty_like(grey) if isinstance(seen_through, int) else None
    rows = max(1, AT_ONCE // frame.width)
    for top in range(0, frame.height, rows):
        strip = frame.crop((0, top, frame.width, min(frame.height, top + rows)))
        values = np.asarray(strip, dtype=np.float64)
        levels = levels_of(values, white, colours)
        grey[top : top + rows] = 255 - levels if is_negative else levels
        if alpha is not None:
            alpha[top : top + rows] = np.where(values == seen_through, 0, 255)
    return None if alpha is None else Image.fromarray(alpha, "L"), Image.fromarray(grey, "L")


def levels_of(values: np.ndarray, white: float, colours: Colours) -> np.ndarray:
    """Values from 0 to `white` as levels from 0 to 255."""
    if not np.isfinite(values).all():
        colours.notes[NO_NUMBERS] = None
        values = np.nan_to_num(values, nan=0.0, posinf=1.0, neginf=0.0)
    levels = np.rint(values * (255 / white))
    if levels.min() < 0 or levels.max() > 255:
        colours.notes[CUT] = None
        levels = levels.clip(0, 255)
    return levels


def _reduced(alpha: Image.Image | None, picture: Image.Image, fit: int) -> tuple[Image.Image | None, Image.Image]:
    if alpha is None:
        small = picture.copy()
        small.thumbnail((fit, fit))
        return None, small
    whole = picture.convert("RGB")
    whole.putalpha(alpha)  # together, so that colours which nobody sees do not bleed into those around them
    whole.thumbnail((fit, fit))
    small = whole.convert("RGB")
    return whole.getchannel("A"), small.convert("L") if picture.mode == "L" else small
