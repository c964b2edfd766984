"""What the numbers of a picture mean: an ICC profile, and the way from there to sRGB, in which everything here is.

A profile that is damaged, or belongs to another kind of picture, is passed over, and that is said. One that is sRGB by
another name changes nothing: no pixel is rounded anew for it.
"""

from __future__ import annotations

import io
import itertools
from collections.abc import Mapping
from typing import Any

import numpy as np
from PIL import Image, ImageCms

from pictures.formats import BROKEN

IGNORED = "its colour profile is damaged or does not fit it, and was passed over: colours may differ"
_SPACES = {"RGB ": "RGB", "GRAY": "L", "CMYK": "CMYK", "Lab ": "LAB"}
_LEVELS = (0, 32, 64, 96, 128, 160, 192, 224, 255)
_SAME = 1
"""Levels by which a profile may differ from sRGB and be taken for it."""


class Colours:
    """The colours of one file: its profile, made ready once for all of its frames.

    `told` is what Pillow found in the file: an `icc_profile` of None there is one of which parts are missing.
    """

    def __init__(self, told: Mapping[Any, Any]) -> None:
        self._data: bytes | None = told.get("icc_profile") or None
        self._ways: dict[str, Any] = {}
        self.notes: dict[str, None] = {IGNORED: None} if self._data is None and "icc_profile" in told else {}

    def to_srgb(self, picture: Image.Image) -> Image.Image:
        """A picture in mode "L", "RGB", "CMYK" or "LAB" as "RGB"."""
        if picture.mode not in self._ways:
            self._ways[picture.mode] = self._way_from(picture.mode)
        mode, way = self._ways[picture.mode]
        if way is None:
            return picture.convert("RGB")
        source = picture if picture.mode == mode else picture.convert(mode)
        converted = ImageCms.applyTransform(source, way)
        assert converted is not None  # noqa: S101 - it is only None for changes in place
        return converted

    def _way_from(self, mode: str) -> tuple[str, Any]:
        """The mode that a picture is brought into first, and how it goes on from there; None for Pillow's own way."""
        if self._data is not None:
            try:
                return self._by_profile(mode, self._data)
            except (*BROKEN, ImageCms.PyCMSError):
                self.notes[IGNORED] = None
        return (mode, _transform(ImageCms.createProfile("LAB"), "LAB")) if mode == "LAB" else (mode, None)

    def _by_profile(self, mode: str, data: bytes) -> tuple[str, Any]:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(data))
        wanted = _SPACES.get(profile.profile.xcolor_space)
        if wanted is None or (wanted != mode and (mode, wanted) != ("L", "RGB")):
            raise ValueError("the profile is one for other pictures")
        way = _transform(profile, wanted)
        return (mode, None) if wanted != "CMYK" and wanted != "LAB" and _changes_nothing(way, wanted) else (wanted, way)


def _transform(profile: Any, mode: str) -> Any:
    return ImageCms.buildTransform(
        profile, ImageCms.createProfile("sRGB"), mode, "RGB", ImageCms.Intent.RELATIVE_COLORIMETRIC,
        ImageCms.Flags.BLACKPOINTCOMPENSATION,
    )  # fmt: skip


def _changes_nothing(way: Any, mode: str) -> bool:
    if mode == "L":
        tried = Image.fromarray(np.arange(256, dtype=np.uint8).reshape(1, 256), "L")
    else:
        cube = np.array(list(itertools.product(_LEVELS, repeat=3)), dtype=np.uint8)
        tried = Image.fromarray(cube.reshape(1, -1, 3), "RGB")
    after = np.asarray(ImageCms.applyTransform(tried, way), dtype=np.int16)
    return int(np.abs(after - np.asarray(tried.convert("RGB"), dtype=np.int16)).max()) <= _SAME
