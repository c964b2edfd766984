"""Which layers of a network a LoRA is trained on.

By the classes of the blocks that they lie in, as diffusers and transformers name them; no family is named here. Layers
that make a norm's scale are left out, as those of the entrance and the exit: what reads LoRAs elsewhere knows none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from torch import nn

from diffusion.errors import DiffusionError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

CHOICES = ("attention", "blocks", "blocks and convolutions")

_ATTENTION = ("Attention",)
_BLOCKS = ("TransformerBlock", "EncoderLayer", "T5Block")
_AROUND = ("Transformer2DModel", "ResnetBlock2D", "Downsample2D", "Upsample2D")


def chosen(module: nn.Module, choice: str) -> dict[str, nn.Module]:
    """The layers by their paths: linear ones, and with `choice` "blocks and convolutions" 2-D convolutions, too."""
    inside = {"attention": _ATTENTION, "blocks": _BLOCKS, "blocks and convolutions": (*_BLOCKS, *_AROUND)}
    if choice not in inside:
        raise DiffusionError(
            f"There is no choice of layers {choice!r}.", remedy=f"Choose one of {', '.join(CHOICES)}.", input="layers"
        )
    kinds = (nn.Linear, nn.Conv2d) if choice == CHOICES[-1] else (nn.Linear,)
    found: dict[str, nn.Module] = {}
    for owner, block in module.named_modules():
        if not any(mark in type(block).__name__ for mark in inside[choice]):
            continue
        for path, layer in block.named_modules():
            whole = f"{owner}.{path}" if owner and path else owner or path
            if isinstance(layer, kinds) and not _makes_norm(whole):
                found[whole] = layer
    if not found:
        raise DiffusionError(
            f"This model has no layers of the kind {choice!r}.", remedy="Choose other layers.", input="layers"
        )
    return found


def size_of(layer: nn.Module) -> tuple[int, ...]:
    """The shape of a layer's weight, however it is stored."""
    return tuple(layer.weight.shape)


def smallest(layers: Mapping[str, nn.Module]) -> tuple[int, str]:
    """The highest rank that all layers can have, and the path of one that has no higher one."""
    return min((_most(size_of(layer)), path) for path, layer in layers.items())


def _most(shape: Sequence[int]) -> int:
    width = 1
    for side in shape[1:]:
        width *= side
    return min(shape[0], width)


def _makes_norm(path: str) -> bool:
    return any(part.startswith(("norm", "ff_norm", "layer_norm")) for part in path.split("."))
