"""Latents and masks that a network sees beside x: what to paint into, what to edit, what to be led by.

They come with a prompt's entry (`concat_latent_image`, `concat_mask`), as the field's nodes put them there. A network
made for inpainting can also take them from the run itself: from a latent with a noise mask.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F  # noqa: N812 - torch's own habit

from diffusion.denoisers.prompt import for_batch
from diffusion.errors import DiffusionError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from diffusion.models import DiffusionModel
    from diffusion.start import Start


def picture_beside(model: DiffusionModel, settings: Mapping[str, Any], start: Start, name: str) -> Tensor:
    """`concat_latent_image` as the VAE gave it, with batch and sides of the run. Raises DiffusionError without one."""
    latent = settings.get("concat_latent_image")
    if latent is None:
        raise DiffusionError(
            f"{_kind(model)} edits a picture or is led by one, and there is none with this prompt.",
            remedy="Give the prompt an encoded picture, with a node such as InstructPixToPixConditioning.",
            input=name,
        )
    return _like(model, latent, start, name)


def hole_beside(
    model: DiffusionModel, settings: Mapping[str, Any], start: Start, name: str, *, detail: int = 1
) -> tuple[Tensor, Tensor]:
    """(what is kept of the picture, in the model's scale; the mask of the hole).

    Each is what the entry says, else what the run says. The picture should have been grey in its hole when it was
    encoded, as such networks are trained; VAEEncodeForInpaint and InpaintModelConditioning see to that. The mask is
    [batch, 1, detail * h, detail * w], 0 or 1; it is 1 where something is to be painted. Raises DiffusionError when
    neither the entry nor the run has a mask.
    """
    latent, mask = settings.get("concat_latent_image"), settings.get("concat_mask", start.mask)
    if mask is None:
        raise DiffusionError(
            f"{_kind(model)} paints into a picture; it needs to know the picture and the place.",
            remedy="Encode the picture with VAEEncodeForInpaint, or use InpaintModelConditioning.",
            input=name,
        )
    kept = start.latent if latent is None else model.latent_format.to_model(_like(model, latent, start, name))
    return kept, _hole(mask, start, detail)


def _kind(model: DiffusionModel) -> str:
    return model.family.variants.get(model.variant, model.family.name)


def _hole(mask: Tensor, start: Start, detail: int) -> Tensor:
    size = [side * detail for side in start.latent.shape[-2:]]
    mask = mask.reshape(-1, 1, *mask.shape[-2:]).to(start.latent)
    if list(mask.shape[-2:]) != size:
        mask = F.interpolate(mask, size=size, mode="bilinear")
    return for_batch(mask, start.latent.shape[0]).round()


def _like(model: DiffusionModel, latent: Tensor, start: Start, name: str) -> Tensor:
    channels = model.latent_format.channels
    if not isinstance(latent, torch.Tensor) or latent.ndim != 4 or latent.shape[1] != channels:
        found = list(latent.shape) if isinstance(latent, torch.Tensor) else type(latent).__name__
        raise DiffusionError(
            f"The picture beside this prompt must be a latent [batch, {channels}, height, width], got {found}.",
            remedy="Encode it with the VAE of this model.",
            input=name,
        )
    latent = latent.to(start.latent)
    if latent.shape[-2:] != start.latent.shape[-2:]:
        latent = F.interpolate(latent, size=start.latent.shape[-2:], mode="bilinear")
    return for_batch(latent, start.latent.shape[0])
