"""Embeddings (textual inversion): a few vectors, as wide as the text encoders that they are for."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from diffusion.families.family import Shapes

_MOST_TENSORS = 4
_MOST_VECTORS = 1024
_FAMILIES = {768: "sd1", 1024: "sd2", 1280: "sdxl", 4096: "flux"}
_NAMES = ("emb_params", "clip_l", "clip_g", "t5xxl", "<concept>")


def find_embedding(shapes: Shapes) -> tuple[str, tuple[str, ...]] | None:
    """The family that vectors are for ("" when their width tells none), and the text encoders; None when the tensors
    are no embedding."""
    if not 0 < len(shapes) <= _MOST_TENSORS:
        return None
    named = all(name in _NAMES or name.startswith("string_to_param.") for name in shapes)
    if not all(1 <= len(shape) <= 2 and (len(shape) == 1 or shape[0] <= _MOST_VECTORS) for shape in shapes.values()):
        return None
    widths = {shape[-1] for shape in shapes.values()}
    alone = len(shapes) == 1 and widths <= _FAMILIES.keys() and not next(iter(shapes)).endswith((".weight", ".bias"))
    if not named and not alone:
        return None
    roles = tuple(name for name in ("clip_l", "clip_g", "t5xxl") if name in shapes)
    if {"clip_l", "clip_g"} <= shapes.keys():
        return "sdxl", roles
    return _FAMILIES.get(max(widths), ""), roles
