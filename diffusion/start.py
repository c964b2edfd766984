"""What a run starts from: a LATENT, fitted to the model, its noise, and what of it is to be kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch

from diffusion.errors import DiffusionError
from diffusion.inpainting import Inpainting, latent_mask
from diffusion.latents import is_empty, resize
from diffusion.noise import initial_noise, next_seed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

    from diffusion.models import DiffusionModel
    from diffusion.samplers import Sampler


@dataclass(frozen=True, eq=False)
class Start:
    """The latent in the model's scale and its noise, on the model's device; `indices` are the items' places.

    `mask` is the latent's noise mask as it was given, at any size.
    """

    latent: Tensor
    noise: Tensor
    keep: Inpainting | None
    indices: Sequence[int] | None
    mask: Tensor | None = None


def prepare(
    model: DiffusionModel,
    latent: dict[str, Any],
    sampler: Sampler,
    seed: int,
    *,
    add_noise: bool,
    noise: Tensor | None = None,
) -> Start:
    """Fits a LATENT that `check_latent` has passed to the model, and draws its noise (zeros without `add_noise`).

    `noise` is taken in place of the seed's. Raises DiffusionError when its shape is not that of the fitted latent.
    """
    samples = _fitted(latent, model)
    scaled = (samples if is_empty(samples) else model.latent_format.to_model(samples)).to(model.device)
    indices = latent.get("batch_index")
    if noise is None:
        noise = initial_noise(scaled.shape, seed, indices) if add_noise else torch.zeros_like(scaled)
    elif noise.shape != scaled.shape:
        raise DiffusionError(
            f"The noise is {list(noise.shape)}, and the latent {list(scaled.shape)}.",
            remedy="Give noise in the shape of the latent.",
            input="noise",
        )
    noise = noise.to(scaled)
    mask = latent.get("noise_mask")
    if mask is None:
        return Start(scaled, noise, None, indices)
    kept_noise = initial_noise(scaled.shape, next_seed(seed), indices).to(scaled) if sampler.own_mask_noise else noise
    keep = Inpainting(latent_mask(mask, scaled), scaled, kept_noise, model.noise_model)
    return Start(scaled, noise, keep, indices, mask)


def check_latent(model: DiffusionModel, latent: dict[str, Any]) -> None:
    """Raises DiffusionError for a latent that the model cannot paint on."""
    samples = latent.get("samples")
    if not isinstance(samples, torch.Tensor) or samples.ndim != 4 or 0 in samples.shape:
        found = list(samples.shape) if isinstance(samples, torch.Tensor) else type(samples).__name__
        raise DiffusionError(
            f"Expected a latent [batch, channels, height, width], got {found}.",
            remedy="Connect an empty latent or an encoded picture.",
            input="latent_image",
        )
    channels = model.latent_format.channels
    if samples.shape[1] != channels and not is_empty(samples):
        raise DiffusionError(
            f"This model paints latents of {channels} channels; the given one has {samples.shape[1]}.",
            remedy="Encode the picture with the VAE of the same checkpoint.",
            input="latent_image",
        )


def footprint(model: DiffusionModel, latent: dict[str, Any]) -> dict[str, int]:
    """How many pixels a cell covers after sampling, for a latent that said how many it covered before."""
    return {"downscale_ratio_spacial": model.latent_format.downscale} if "downscale_ratio_spacial" in latent else {}


def _fitted(latent: dict[str, Any], model: DiffusionModel) -> Tensor:
    """The latent's samples; an empty latent takes the model's channels and scale."""
    samples: Tensor = latent["samples"].float().contiguous()
    if not is_empty(samples):
        return samples
    made_for = latent.get("downscale_ratio_spacial", model.latent_format.downscale)
    ratio = made_for / model.latent_format.downscale
    rows, columns = (max(1, round(side * ratio)) for side in samples.shape[-2:])
    if (rows, columns) != tuple(samples.shape[-2:]):
        samples = resize(samples, "nearest-exact", columns, rows)
    return samples[:, :1].expand(-1, model.latent_format.channels, -1, -1)
