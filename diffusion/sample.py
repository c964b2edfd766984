"""Sampling: from noise, or from a noised latent, to a latent. The loop that drives a sampler.

The semantics are those of the field's KSampler and KSamplerAdvanced: same seed, same settings, same picture. One
request of the sampler is one prediction; the loop around it keeps masked parts, reports steps and looks whether to
stop.
"""

from __future__ import annotations

import math
import time
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import torch

from diffusion.cancelling import cancellable, holding
from diffusion.denoisers.sd import SdDenoiser
from diffusion.errors import Cancelled, DiffusionError
from diffusion.guidance import Guidance
from diffusion.inpainting import Inpainting, latent_mask
from diffusion.latents import is_empty, resize
from diffusion.memory import enough_memory
from diffusion.models import plain
from diffusion.noise import check_seed, initial_noise, step_noise
from diffusion.regions import regions
from diffusion.samplers import SAMPLERS
from diffusion.schedules import sigmas_for

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PIL.Image import Image
    from torch import Tensor

    from diffusion.conditioning import Conditioning
    from diffusion.models import DiffusionModel
    from diffusion.samplers import Sampler

PREVIEW_SECONDS = 0.1
"""Previews are made at most this often, whoever asks."""


@dataclass(frozen=True)
class Step:
    """A step whose picture has just been predicted: `step` counts from 1 to `total`.

    `preview()` gives a small picture of the first item, or None when the last one was made less than PREVIEW_SECONDS
    ago (the last step always gives one). It costs nothing unless called, and may only be called inside `on_step`.
    """

    step: int
    total: int
    sigma: float
    preview: Callable[[], Image | None]


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
    force_full_denoise: bool = True,
    on_step: Callable[[Step], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> dict[str, Any]:
    """Samples a LATENT; the result carries the given one's other keys.

    `denoise` < 1 starts from the given latent, noised as the last `steps` of a longer run would have it. `start_step`
    and `last_step` take a part of the run; with `force_full_denoise` a part that ends early still ends without noise.
    `add_noise` False starts from the latent as it is, which must then hold the noise of an earlier part.

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
    on_step: Callable[[Step], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> dict[str, Any]:
    """As `sample`, over noise levels of the caller's own: falling, one more than there are steps."""
    sampler = _sampler(sampler_name)
    sigmas = [float(sigma) for sigma in sigmas]  # a tensor is welcome too
    _check(model, positive, latent, seed, cfg, sigmas)
    if len(sigmas) < 2:
        return dict(latent)
    with torch.inference_mode(), enough_memory("sampling", "Make a smaller picture, or fewer of them at once."):
        samples = _fitted(latent, model)
        start = samples if is_empty(samples) else model.latent_format.to_model(samples)
        start = start.to(model.device)
        indices = latent.get("batch_index")
        noise = initial_noise(start.shape, seed, indices) if add_noise else torch.zeros_like(start)
        noise = noise.to(model.device)
        keep = None
        if (mask := latent.get("noise_mask")) is not None:
            mask_noise = noise
            if sampler.own_mask_noise:
                mask_noise = initial_noise(start.shape, (seed + 1) % 2**64, indices).to(model.device)
            keep = Inpainting(latent_mask(mask, start), start, mask_noise, model.noise_model)
        guidance = Guidance(
            SdDenoiser(model),
            regions(positive, model, start, "positive"),
            regions(negative, model, start, "negative"),
            cfg,
        )
        run = sampler.steps(
            model.noise_model.start(start, noise, sigmas[0]),
            sigmas,
            step_noise(sampler, start, seed, sigmas, indices),
        )
        progress = _Progress(model, sampler, len(sigmas) - 1, on_step)
        with ExitStack() as held:
            held.enter_context(holding(model.lock, cancelled))
            held.enter_context(cancellable(model.unet, cancelled))
            end = _drive(run, guidance, keep, progress, cancelled)
        if not torch.isfinite(end).all():
            raise _not_finite()
        result = plain(model.latent_format.from_model(end))
    return {**latent, "samples": result, **_footprint(latent, model)}


def _drive(
    run: Any,
    guidance: Guidance,
    keep: Inpainting | None,
    progress: _Progress,
    cancelled: Callable[[], bool] | None,
) -> Tensor:
    x, sigma = next(run)
    while True:
        if cancelled is not None and cancelled():
            raise Cancelled
        x0 = guidance(x if keep is None else keep.before(x, sigma), sigma)
        if keep is not None:
            x0 = keep.after(x0)
        progress.predicted(x0, sigma)
        try:
            x, sigma = run.send(x0)
        except StopIteration as done:
            end: Tensor = done.value
            return end


class _Progress:
    """Turns predictions into steps and keeps previews rare."""

    def __init__(
        self, model: DiffusionModel, sampler: Sampler, total: int, on_step: Callable[[Step], None] | None
    ) -> None:
        self._model = model
        self._calls_per_step = sampler.calls_per_step
        self._total = total
        self._on_step = on_step
        self._calls = 0
        self._last_preview = -math.inf

    def predicted(self, x0: Tensor, sigma: float) -> None:
        """Counts a prediction and reports it when it is the first of its step."""
        call, self._calls = self._calls, self._calls + 1
        if call == 0 and not torch.isfinite(x0).all():
            raise _not_finite()  # after one step rather than after fifty
        if self._on_step is None or call % self._calls_per_step:
            return
        step = call // self._calls_per_step + 1
        self._on_step(Step(step, self._total, sigma, lambda: self._preview(x0, step)))

    def _preview(self, x0: Tensor, step: int) -> Image | None:
        now = time.monotonic()
        if self._model.preview is None or (step < self._total and now - self._last_preview < PREVIEW_SECONDS):
            return None
        picture = self._model.preview.picture(x0[0])
        self._last_preview = time.monotonic()
        return picture


def _sampler(name: str) -> Sampler:
    if name not in SAMPLERS:
        raise DiffusionError(
            f"There is no sampler {name!r}.", remedy=f"Choose one of {', '.join(SAMPLERS)}.", input="sampler_name"
        )
    return SAMPLERS[name]


def _check(
    model: DiffusionModel,
    positive: Conditioning,
    latent: dict[str, Any],
    seed: int,
    cfg: float,
    sigmas: Sequence[float],
) -> None:
    check_seed(seed)
    if not math.isfinite(cfg):
        raise DiffusionError(f"cfg must be a number, not {cfg}.", remedy="7 is a usual value.", input="cfg")
    if not positive:
        raise DiffusionError("There is no prompt.", remedy="Connect an encoded prompt.", input="positive")
    if any(not b < a for a, b in pairwise(sigmas)) or any(sigma < 0 for sigma in sigmas):
        raise DiffusionError(
            "The noise levels must fall and must not be negative.", remedy="Use a scheduler's.", input="sigmas"
        )
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


def _fitted(latent: dict[str, Any], model: DiffusionModel) -> Tensor:
    """The latent's samples; an empty latent takes the model's channels and scale."""
    samples: Tensor = latent["samples"].float()
    if not is_empty(samples):
        return samples
    made_for = latent.get("downscale_ratio_spacial", model.latent_format.downscale)
    ratio = made_for / model.latent_format.downscale
    rows, columns = (max(1, round(side * ratio)) for side in samples.shape[-2:])
    if (rows, columns) != tuple(samples.shape[-2:]):
        samples = resize(samples, "nearest-exact", columns, rows)
    return samples[:, :1].expand(-1, model.latent_format.channels, -1, -1)


def _footprint(latent: dict[str, Any], model: DiffusionModel) -> dict[str, Any]:
    """How many pixels a cell covers now, if the latent said how many it covered before."""
    return {"downscale_ratio_spacial": model.latent_format.downscale} if "downscale_ratio_spacial" in latent else {}


def _not_finite() -> DiffusionError:
    return DiffusionError(
        "The model gave numbers that are not finite, which would be a black picture.",
        remedy="Lower cfg, load the model in float32, or check that its files are the right ones.",
        input="model",
    )
