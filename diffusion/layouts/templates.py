"""The settings of a network that no shape tells: activations, epsilons, widths of heads. One JSON file for each style.

The rest of a configuration comes from shapes, so that small and pruned models load with the same files.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parent / "configs"


def template(style: str) -> dict[str, Any]:
    """A copy of the settings of a style; raises KeyError when there is no such style."""
    return dict(_read(style))


@cache
def _read(style: str) -> dict[str, Any]:
    path = _FOLDER / f"{style}.json"
    if not path.is_file():
        raise KeyError(f"there is no template {style!r} in {_FOLDER.name}")
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content
