"""The UNet of Stable Diffusion 1 and 2, SDXL and the SDXL refiner, in the LDM layout and in that of diffusers."""

from __future__ import annotations

from diffusion.layouts import unet_blocks
from diffusion.layouts.contract import Piece, Shapes
from diffusion.layouts.rows import Row, expand, same
from diffusion.layouts.unet_config import config

__all__ = ["MARK", "config", "module", "original", "pieces"]

MARK = "input_blocks.0.0.weight"
"""A tensor that only the LDM layout has."""


def module(_targets: Shapes, _style: str) -> str:
    """The class of diffusers."""
    return "diffusers:UNet2DConditionModel"


def pieces(shapes: Shapes, _style: str) -> list[Piece]:
    """From the LDM layout, or from that of diffusers, where names stay."""
    if MARK not in shapes:
        return same(shapes)
    return expand(unet_blocks.rows(unet_blocks.blocks_of(shapes)), shapes)


def original(targets: Shapes) -> list[Row]:
    """The table that leads from the LDM layout to a module with these tensors."""
    return unet_blocks.rows(unet_blocks.blocks_of_module(targets))
