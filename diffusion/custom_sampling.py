"""Sampling put together from parts: noise, guidance, a sampler, and noise levels. Each part is a value of its own.

They are the field's NOISE, GUIDER and SAMPLER; noise levels (SIGMAS) are a float32 tensor [steps + 1], falling.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import torch

from diffusion.errors import DiffusionError
from diffusion.models import plain
from diffusion.sample import sample_sigmas
from diffusion.samplers import SAMPLERS
from diffusion.schedules import sigmas_for

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

    from diffusion.conditioning import Conditioning
    from diffusion.models import DiffusionModel
    from diffusion.progress import Step


_NEARLY_ALL = 0.95
_TURBO_STEPS, _TURBO_TIME = 10, 100


@dataclass(frozen=True)
class Noise:
    """The noise that a run starts from. With `is_added` False there is none, and the seed only steers samplers that
    add some at every step."""

    seed: int = 0
    is_added: bool = True


@dataclass(frozen=True)
class ChosenSampler:
    """A sampler by its name."""

    name: str


@dataclass(frozen=True, eq=False)
class Guider:
    """A model and what leads it; without a negative prompt, or with `cfg` 1, the positive one alone."""

    model: DiffusionModel = field(repr=False)
    positive: Conditioning = field(repr=False)
    negative: Conditioning = field(default_factory=list, repr=False)
    cfg: float = 1.0

    @property
    def nbytes(self) -> int:
        """Bytes of the model's weights."""
        return self.model.nbytes

    @property
    def weights(self) -> Any:
        """What holds the bytes: handles that name the same are counted once."""
        return self.model.weights

    @property
    def beside(self) -> list[Tensor]:
        """What it holds besides the weights: the tensors of the model's LoRAs."""
        return self.model.beside


def choose_sampler(name: str) -> ChosenSampler:
    """The sampler of a name; raises DiffusionError when there is none."""
    if name not in SAMPLERS:
        raise DiffusionError(
            f"There is no sampler {name!r}.", remedy=f"Choose one of {', '.join(SAMPLERS)}.", input="sampler_name"
        )
    return ChosenSampler(name)


def noise_levels(model: DiffusionModel, scheduler: str, steps: int, denoise: float = 1.0) -> Tensor:
    """The levels of a schedule, as a float32 tensor; empty for a `denoise` of 0. Raises DiffusionError."""
    return torch.tensor(sigmas_for(scheduler, model.noise_model, steps, denoise), dtype=torch.float32)


def turbo_levels(model: DiffusionModel, steps: int, denoise: float = 1.0) -> Tensor:
    """The levels for models that were distilled to a few steps: of ten steps that are even in time, the first ones
    after those that `denoise` leaves out; then 0."""
    left_out = _TURBO_STEPS - int(_TURBO_STEPS * denoise)
    times = [(_TURBO_STEPS - step) * _TURBO_TIME - 1 for step in range(_TURBO_STEPS)][left_out : left_out + steps]
    return torch.tensor([*map(model.noise_model.sigma, times), 0.0], dtype=torch.float32)


def split_levels(sigmas: Tensor, step: int) -> tuple[Tensor, Tensor]:
    """The levels down to that of a step, and those from there on: both have it, so that one run goes on with the
    other's latent."""
    return sigmas[: step + 1], sigmas[step:]


def starts_whole(model: DiffusionModel, sigmas: Tensor) -> bool:
    """Whether a run over these levels begins with hardly anything but noise."""
    return len(sigmas) > 1 and float(sigmas[0]) >= _NEARLY_ALL * model.noise_model.sigma_max


def sample_custom(
    guider: Guider,
    noise: Noise,
    sampler: ChosenSampler,
    sigmas: Tensor,
    latent: dict[str, Any],
    *,
    on_step: Callable[[Step], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """(The LATENT at the last level, the LATENT as it was predicted at the last step: without noise in any case).

    Raises DiffusionError and Cancelled as `diffusion.sample.sample_sigmas`.
    """
    last: list[Tensor] = []

    def each(step: Step) -> None:
        last[:] = [step.x0]
        if on_step is not None:
            on_step(step)

    done = sample_sigmas(
        guider.model,
        guider.positive,
        guider.negative,
        latent,
        seed=noise.seed,
        cfg=guider.cfg,
        sampler_name=sampler.name,
        sigmas=sigmas.tolist(),
        add_noise=noise.is_added,
        on_step=each,
        cancelled=cancelled,
    )
    if not last:
        return done, done
    return done, {**done, "samples": plain(guider.model.latent_format.from_model(last[0]))}
