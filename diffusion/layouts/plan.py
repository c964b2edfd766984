"""One component of a file, mapped: class and configuration of its module, the pieces, and what is left over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from diffusion.errors import DiffusionError
from diffusion.layouts.contract import Layout, Piece, Shapes, targets
from diffusion.layouts.leftovers import IN_COMPONENTS, ignored

LAYOUT_OF_ROLE = {"clip_l": "clip", "clip_g": "clip", "clip_h": "clip", "t5xxl": "t5", "vae": "vae"}
"""Which module of this folder maps which part; those of denoisers are named by their families."""


@dataclass(frozen=True)
class Plan:
    """`module` is a class as `package:name`; `config` its settings; `pieces` make all of its tensors; `leftover` are
    names in the file that nobody reads and nobody expects."""

    module: str
    config: Mapping[str, Any] = field(repr=False)
    pieces: tuple[Piece, ...] = field(repr=False)
    leftover: tuple[str, ...] = ()


def plan(layout: str, shapes: Shapes, style: str) -> Plan:
    """Maps a component by a layout of this folder ("unet", "clip", or in full "diffusion.layouts.unet").

    Raises DiffusionError when a tensor is not there without which it is no such network.
    """
    name = layout.rsplit(".", 1)[-1]
    rules: Layout = import_module(f"{__package__}.{name}")
    expected = IN_COMPONENTS[name]
    try:
        pieces = rules.pieces(shapes, style)
        made = targets(shapes, pieces)
        config = rules.config(made, style)
        module = rules.module(made, style)
    except (KeyError, IndexError, ValueError, StopIteration, ZeroDivisionError) as error:
        network = name if style in ("", name) else f"{style} ({name})"
        raise DiffusionError(
            f"The tensors are not those of a {network}: one is missing or has another shape ({error}).",
            remedy="Copy or download the file again, choose another type for it, or take back what was set for it "
            "(Wrong? in the panel Models, or python main.py models FILE --forget).",
        ) from error
    used = {piece.source for piece in pieces}
    leftover = tuple(sorted(name for name in shapes if name not in used and not ignored(name, expected)))
    return Plan(module, config, tuple(pieces), leftover)
