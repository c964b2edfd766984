"""The licence that a model folder names for itself, in the card of its README.md. Free of torch."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from diffusion.errors import DiffusionError
from diffusion.families.family import Licence
from diffusion.weight_files.reading import open_plain

if TYPE_CHECKING:
    from pathlib import Path

    from diffusion.model_files.model_file import ModelFile

CARD = "README.md"
_MOST_BYTES = 1 << 14
_HEAD = re.compile(r"\A---\s*\n(.*?)\n---\s*$", re.DOTALL | re.MULTILINE)
_FIELD = re.compile(r"^(license|license_name|license_link)\s*:\s*[\"']?([^\"'#\n]{1,200}?)[\"']?\s*$", re.MULTILINE)
_NAMES = {
    "apache-2.0": "Apache 2.0",
    "mit": "MIT",
    "creativeml-openrail-m": "CreativeML OpenRAIL-M",
    "openrail++": "CreativeML OpenRAIL++-M",
}
_SAYS_NOTHING = ("other", "unknown")


def with_card(path: Path, found: ModelFile) -> ModelFile:
    """The same with the licence that the folder's own card names, which stands before that of its family."""
    if found.kind not in ("checkpoint", "denoiser"):
        return found
    try:
        with open_plain(path / CARD) as file:
            text = file.read(_MOST_BYTES).decode("utf-8", "replace")
    except (OSError, ValueError, DiffusionError):
        return found
    head = _HEAD.search(text)
    fields = dict(_FIELD.findall(head[1])) if head else {}
    name = fields.get("license_name") or fields.get("license", "")
    if not name or name in _SAYS_NOTHING:
        return found
    link = fields.get("license_link", "")
    source = link if link.startswith("https://") else CARD
    return replace(found, licence=Licence(_NAMES.get(name, name), source))
