"""IMAGE and LATENT as fields [batch, channels, height, width], and back; what is brought to the size of what.

A second picture is cut and scaled to the first as everywhere, and takes its channels. The cells of two latents mean
the same only where they have the same channels and sides: others are refused, as is a latent beside a picture.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F  # noqa: N812 - torch's own habit
from PIL import Image

from diffusion.errors import DiffusionError
from diffusion.pixels import match_channels, resize, to_pil

if TYPE_CHECKING:
    from torch import Tensor

_LONGEST_SIDE = 256
_COLOURS = 3


def is_latent(value: Tensor | dict[str, Any]) -> bool:
    """Whether it is a LATENT, and no IMAGE."""
    return isinstance(value, dict)


def field_of(value: Tensor | dict[str, Any]) -> Tensor:
    """The field of an IMAGE [B, H, W, C] or a LATENT."""
    if isinstance(value, dict):
        samples: Tensor = value["samples"]
        return samples.float().contiguous()
    return value.movedim(-1, 1).float().contiguous()


def like(value: Tensor | dict[str, Any], field: Tensor) -> Tensor | dict[str, Any]:
    """A field as what `value` is: a LATENT keeps the other keys, an IMAGE is cut to 0..1."""
    if isinstance(value, dict):
        return {**value, "samples": field.contiguous()}
    return field.movedim(1, -1).clamp(0, 1).contiguous()


def beside(other: Tensor | dict[str, Any], value: Tensor | dict[str, Any]) -> Tensor:
    """The field of a second one, as large as that of `value` in everything; of a batch, they are taken in turn."""
    if is_latent(other) is not is_latent(value):
        what, beside_what = ("a latent", "a picture") if is_latent(other) else ("a picture", "a latent")
        raise DiffusionError(
            f"The second one is {what}, and what evolves is {beside_what}.",
            remedy="Connect the same kind to both; VAE Encode makes a latent of a picture.",
            input="other",
        )
    if isinstance(other, torch.Tensor) and isinstance(value, torch.Tensor):
        height, width, channels = value.shape[1:]
        other = _with_channels(resize(other, width, height, "bilinear", crop="center"), channels)
    field, whole = field_of(other), field_of(value)
    if field.shape[1:] != whole.shape[1:]:
        raise DiffusionError(
            f"The second latent has {list(field.shape[1:])} channels, rows and columns, and the first "
            f"{list(whole.shape[1:])}.",
            remedy="Encode both with one VAE from pictures of one size, or scale one with Upscale Latent.",
            input="other",
        )
    if not torch.isfinite(field).all():
        raise DiffusionError(
            "The second picture holds values that are no numbers (NaN or infinite).",
            remedy="Look at the node that made it.",
            input="other",
        )
    return _in_turn(field, whole.shape[0])


def mask_beside(mask: Tensor, field: Tensor) -> Tensor:
    """A mask batch [B, H, W] as [B, 1, H, W] in 0..1 of the field's size, stretched where it has another."""
    if not torch.isfinite(mask).all():
        raise DiffusionError(
            "The mask holds values that are no numbers (NaN or infinite).",
            remedy="Look at the node that made it.",
            input="mask",
        )
    planes = mask.float().unsqueeze(1)
    if planes.shape[-2:] != field.shape[-2:]:
        planes = F.interpolate(planes, size=field.shape[-2:], mode="bilinear")
    return _in_turn(planes.clamp(0, 1), field.shape[0])


def preview(field: Tensor, *, latent: bool) -> Image.Image:
    """A small picture of the first item; of a latent its first channels, each from its least value to its greatest."""
    shown = field[0]
    if latent:
        shown = shown[: _COLOURS if shown.shape[0] >= _COLOURS else 1]
        least, most = shown.amin((1, 2), keepdim=True), shown.amax((1, 2), keepdim=True)
        shown = (shown - least) / (most - least).clamp_min(1e-6)
    picture = to_pil(shown.movedim(0, -1))
    picture.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE))
    return picture


def _with_channels(image: Tensor, channels: int) -> Tensor:
    """Grey from colours is their mean; transparency that the other has not is left out."""
    if channels == 1 < image.shape[-1]:
        return image[..., :_COLOURS].mean(-1, keepdim=True)
    return match_channels(image, image.new_empty(1, 1, 1, channels))[0][..., :channels]


def _in_turn(batch: Tensor, count: int) -> Tensor:
    return batch if batch.shape[0] == count else batch[torch.arange(count) % batch.shape[0]]
