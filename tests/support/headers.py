"""Names and shapes of all tensors of real model files, and modules on the meta device."""

from __future__ import annotations

import gzip
import json
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

if TYPE_CHECKING:
    from diffusion.layouts.plan import Plan

FOLDER = Path(__file__).parents[1] / "fixtures" / "headers"


def shapes(name: str, prefix: str = "") -> dict[str, tuple[int, ...]]:
    """The tensors of a file whose names begin with `prefix`, without it."""
    found: dict[str, list[int]] = json.loads(gzip.decompress((FOLDER / f"{name}.json.gz").read_bytes()))
    return {key[len(prefix) :]: tuple(shape) for key, shape in found.items() if key.startswith(prefix)}


def meta_module(plan: Plan) -> Any:
    """The plan's module without memory for its weights."""
    package, name = plan.module.split(":")
    cls = getattr(import_module(package), name)
    with torch.device("meta"):
        return cls(cls.config_class(**plan.config)) if package == "transformers" else cls(**plan.config)
