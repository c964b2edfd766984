"""Writes folders as the pipelines of diffusers do, part by part: importing a pipeline takes seconds."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def write_pipeline(folder: Path, name: str, parts: Mapping[str, Any]) -> Path:
    """Write the folder of the pipeline class `name`, and return its path.

    A part is a network, a tokenizer or a scheduler; None where the pipeline has none; or a setting, True or False.
    """
    import diffusers

    index: dict[str, Any] = {"_class_name": name, "_diffusers_version": diffusers.__version__}
    folder.mkdir(parents=True, exist_ok=True)
    for role, part in parts.items():
        if isinstance(part, bool):
            index[role] = part
        elif part is None:
            index[role] = [None, None]
        else:
            part.save_pretrained(folder / role)
            index[role] = [type(part).__module__.partition(".")[0], type(part).__name__]
    (folder / "model_index.json").write_text(json.dumps(index, indent=2), encoding="utf-8")
    return folder
