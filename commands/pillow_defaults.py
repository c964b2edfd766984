"""What a pack changed about Pillow as a whole: every other node would read pictures with it. Loads no Pillow.

Where Pillow was not there before the pack, it is compared with Pillow as it comes. Such a switch is in no key: half a
picture that was read with it would be found again without it.
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
    """Take a look; what comes back puts it right, and tells what it was."""
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
