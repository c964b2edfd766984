"""Detects and reverts changes of a pack to global settings of Pillow, which would affect all pictures. Loads no Pillow.

If Pillow was not loaded before the pack, its settings are compared with the defaults of Pillow. Cache keys do not
contain these settings: a truncated picture that was read with one would be reused without it.
"""

from __future__ import annotations

import sys
from typing import Any

from graph.packs.process_state import Undo

_GONE = object()
_FRESH: dict[tuple[str, str], Any] = {
    ("PIL.ImageFile", "LOAD_TRUNCATED_IMAGES"): False,
    ("PIL.Image", "MAX_IMAGE_PIXELS"): 1024 * 1024 * 1024 // 4 // 3,
}


def pillow_defaults() -> Undo:
    """Records the settings; returns a function that reverts changes and names them."""
    before = {**_FRESH, **_read()}

    def put_back() -> list[str]:
        found = []
        for (module, name), now in _read().items():
            if now != before[module, name]:
                setattr(sys.modules[module], name, before[module, name])
                found.append(f"{module}.{name}")
        return found

    return put_back


def _read() -> dict[tuple[str, str], Any]:
    found = {(module, name): getattr(sys.modules.get(module), name, _GONE) for module, name in _FRESH}
    return {place: value for place, value in found.items() if value is not _GONE}
