"""Pictures as PNG files that say what their numbers mean: sRGB.

As the PNG specification recommends, the older chunks say nearly the same for programs that do not know the newer one.
"""

from __future__ import annotations

import io
import struct

from PIL import Image
from PIL.PngImagePlugin import PngInfo

_GAMMA = 45_455
_CHROMATICITIES = (31_270, 32_900, 64_000, 33_000, 30_000, 60_000, 15_000, 6_000)
"""White, red, green and blue of sRGB, in hundred-thousandths (PNG specification, table of the sRGB chunk)."""
_RELATIVE_COLORIMETRIC = 1


def png(picture: Image.Image, compression: int) -> bytes:
    """A picture of sRGB values as the bytes of a PNG file; `compression` from 0 to 9."""
    colour = PngInfo()
    colour.add(b"sRGB", bytes((_RELATIVE_COLORIMETRIC,)))
    colour.add(b"gAMA", struct.pack(">I", _GAMMA))
    colour.add(b"cHRM", struct.pack(">8I", *_CHROMATICITIES))
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", compress_level=compression, pnginfo=colour)
    return buffer.getvalue()
