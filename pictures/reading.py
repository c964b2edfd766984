"""All frames of a picture file, as the nodes take them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from pictures.colour import Colours
from pictures.formats import ANIMATED, BROKEN, PictureError, Seen
from pictures.opening import opened
from pictures.plain import plain


@dataclass(frozen=True, slots=True)
class Read:
    """The frames of a file, all of one size, upright, in mode "RGB" or "RGBA"; and what is to be said about them."""

    frames: tuple[Image.Image, ...]
    notes: tuple[str, ...] = ()


def read(path: Path) -> Read:
    """Read a picture file. Raises `PictureError`; too many pixels are refused before any of them is decoded.

    A file of which the first frame can be read is read, as far as that goes.
    """
    with opened(path) as (picture, seen):
        colours = Colours(picture.info)
        notes: dict[str, None] = {}
        frames = [plain(frame, colours) for frame in _frames(picture, seen, notes)]
        if not frames:
            raise PictureError("it holds no picture")
        alike = tuple(frame for frame in frames if frame.size == frames[0].size)
        if len(alike) < len(frames):
            notes[_left_out(len(frames) - len(alike), len(frames))] = None
        return Read(alike, (*colours.notes, *notes))


def begin_at_first(picture: Image.Image) -> None:
    """Go to the first frame that counts: an animated PNG may have a stand-in for programs that cannot play it."""
    if picture.format == "PNG" and getattr(picture, "default_image", False):
        picture.seek(1)


def _frames(picture: Image.Image, seen: Seen, notes: dict[str, None]) -> Iterator[Image.Image]:
    begin_at_first(picture)
    size, left_out = picture.size, 0
    yield picture
    begin = picture.tell() if picture.format in ANIMATED and seen.frames > 1 else seen.frames
    for number, place in enumerate(range(begin + 1, seen.frames), start=1):
        try:
            picture.seek(place)
            if picture.size == size:  # known before decoding: a page may be a bomb of its own
                picture.load()
        except BROKEN:
            notes[f"it is damaged or cut off behind its first {number} frames, which are used"] = None
            return
        if picture.size == size:
            yield picture
        else:
            left_out += 1
    if left_out:
        notes[_left_out(left_out, seen.frames)] = None


def _left_out(count: int, of: int) -> str:
    return f"{count} of its {of} pages have another size than the first and were left out"
