"""What lies at a path, once a loader can load it. Free of torch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from diffusion.errors import DiffusionError
from diffusion.model_files.loadable import unfit
from diffusion.model_files.overriding import overridden
from diffusion.model_files.recognise import recognise
from diffusion.weight_files.names import short

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from diffusion.model_files.model_file import ModelFile


def recognised(path: Path, kind: str, socket: str, override: Mapping[str, str] | None = None) -> ModelFile:
    """What lies at a path, with what a person set instead, once the loader of a kind can load it; raises DiffusionError
    otherwise."""
    if not path.exists():
        raise DiffusionError(
            f"There is no file or folder {short(path)}.", remedy="Choose one of those listed.", input=socket
        )
    found = overridden(recognise(path), override or {})
    if (why := unfit(short(path), found, kind)) is not None:
        raise DiffusionError(why.message, remedy=why.remedy, input=socket)
    return found
