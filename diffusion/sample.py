"""Sampling: from noise, or from a noised latent, to a latent. The loop that drives a sampler.

The semantics are those of the field's KSampler and KSamplerAdvanced: same seed, same settings, same picture. One
request of the sampler is one prediction; the loop around it keeps masked parts, reports steps and looks whether to
stop.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import torch

from diffusion.cancelling import cancellable, holding
from diffusion.errors import Cancelled, DiffusionError
from diffusion.guidance import Guidance
from diffusion.memory import enough_memory
from diffusion.models import plain
from diffusion.noise import check_seed, step_noise
from diffusion.progress import Progress, Step, not_finite
from diffusion.regions import regions
from diffusion.samplers import SAMPLERS
from diffusion.schedules import sigmas_for
from diffusion.start import check_latent, footprint, prepare

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from torch import Tensor

    from diffusion.conditioning import Conditioning
    from diffusion.denoisers.contract import Denoiser
    from diffusion.inpainting import Inpainting
    from diffusion.models import DiffusionModel
    from diffusion.samplers import Sampler, Sampling

__all__ = ["Step", "sample", "sample_sigmas"]


def sample(
    model: DiffusionModel,
    positive: Conditioning,
    negative: Conditioning,
    latent: dict[str, Any],
    *,
    seed: int,
    steps: int,
    cfg: float,
    sampler_name: str,
    scheduler: str,
    denoise: float = 1.0,
    start_step: int | None = None,
    last_step: int | None = None,
    add_noise: bool = True,
    noise: Tensor | None = None,
    force_full_denoise: bool = True,
    on_step: Callable[[Step], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> dict[str, Any]:
    """Samples a LATENT; the result carries the given one's other keys.

    `denoise` < 1 starts from the given latent, noised as the last `steps` of a longer run would have it. `start_step`
    and `last_step` take a part of the run; with `force_full_denoise` a part that ends early still ends without noise.
    `add_noise` False starts from the latent as it is, which must then hold the noise of an earlier part. `noise`, of
    unit variance in the shape of the latent, is taken in place of the seed's.

    Raises DiffusionError for input that cannot be used and for a model whose output is not finite, Cancelled when
    `cancelled()` says so (it is asked before every block of the model, so it must be quick).
    """
    sampler = _sampler(sampler_name)
    sigmas = sigmas_for(scheduler, model.noise_model, steps, denoise, discard_penultimate=sampler.discard_penultimate)
    if last_step is not None and last_step < len(sigmas) - 1:
        sigmas = sigmas[: max(last_step, 0) + 1]
        if force_full_denoise:
            sigmas = (*sigmas[:-1], 0.0)
    return sample_sigmas(
        model,
        positive,
        negative,
        latent,
        seed=seed,
        cfg=cfg,
        sampler_name=sampler_name,
        sigmas=sigmas[max(start_step or 0, 0) :],
        add_noise=add_noise,
        noise=noise,
        on_step=on_step,
        cancelled=cancelled,
    )


def sample_sigmas(
    model: DiffusionModel,
    positive: Conditioning,
    negative: Conditioning,
    latent: dict[str, Any],
    *,
    seed: int,
    cfg: float,
    sampler_name: str,
    sigmas: Sequence[float],
    add_noise: bool = True,
    noise: Tensor | None = None,
    on_step: Callable[[Step], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> dict[str, Any]:
    """As `sample`, over noise levels of the caller's own: falling, one more than there are steps."""
    sampler = _sampler(sampler_name)
    sigmas = [float(sigma) for sigma in sigmas]  # a tensor is welcome too
    _check(positive, seed, cfg, sigmas)
    check_latent(model, latent)
    if len(sigmas) < 2:
        return dict(latent)
    with torch.inference_mode(), enough_memory("sampling", "Make a smaller picture, or fewer of them at once."):
        start = prepare(model, latent, sampler, seed, add_noise=add_noise, noise=noise)
        denoiser: Denoiser = model.family.denoiser(model)
        guidance = Guidance(
            denoiser,
            regions(positive, denoiser, model.noise_model, start, "positive"),
            regions(negative, denoiser, model.noise_model, start, "negative"),
            cfg,
            repeats_context=model.family.repeats_context,
        )
        sampling = sampler.sampling(
            model.noise_model.start(start.latent, start.noise, sigmas[0]),
            sigmas,
            step_noise(sampler, start.latent, seed, sigmas, start.indices),
            is_flow=model.noise_model.is_flow,
        )
        progress = Progress(model, sampler, len(sigmas) - 1, on_step)
        with holding(model.lock, cancelled), model.patched(cancelled), cancellable(model.module, cancelled):
            end = _drive(sampling, guidance, start.keep, progress, cancelled)
        if not torch.isfinite(end).all():
            raise not_finite()
        samples = plain(model.latent_format.from_model(model.noise_model.finish(end, sigmas[-1])))
    return {**latent, "samples": samples, **footprint(model, latent)}


def _drive(
    sampling: Sampling,
    guidance: Guidance,
    keep: Inpainting | None,
    progress: Progress,
    cancelled: Callable[[], bool] | None,
) -> Tensor:
    x, sigma = next(sampling)
    while True:
        if cancelled is not None and cancelled():
            raise Cancelled
        seen = x if keep is None else keep.before(x, sigma)
        x0 = guidance(seen, sigma)
        if keep is not None:
            x0 = keep.after(x0)
        progress.predicted(seen, x0, sigma)
        try:
            x, sigma = sampling.send(x0)
        except StopIteration as done:
            end: Tensor = done.value
            return end


def _sampler(name: str) -> Sampler:
    if name not in SAMPLERS:
        raise DiffusionError(
            f"There is no sampler {name!r}.", remedy=f"Choose one of {', '.join(SAMPLERS)}.", input="sampler_name"
        )
    return SAMPLERS[name]


def _check(positive: Conditioning, seed: int, cfg: float, sigmas: Sequence[float]) -> None:
    check_seed(seed)
    if not math.isfinite(cfg):
        raise DiffusionError(f"cfg must be a number, not {cfg}.", remedy="7 is a usual value.", input="cfg")
    if not positive:
        raise DiffusionError("There is no prompt.", remedy="Connect an encoded prompt.", input="positive")
    if any(not b < a for a, b in pairwise(sigmas)) or any(sigma < 0 for sigma in sigmas):
        raise DiffusionError(
            "The noise levels must fall and must not be negative.", remedy="Use a scheduler's.", input="sigmas"
        )
