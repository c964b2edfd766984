"""The path of a run: what a sampler saw and predicted at each noise level, from noise to picture.

The states are kept as latents, which are small; pictures are made of them one at a time, when somebody looks.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from diffusion import sample as sampling
from diffusion.errors import DiffusionError
from diffusion.models import plain

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

    from diffusion.conditioning import Conditioning
    from diffusion.models import DiffusionModel
    from diffusion.progress import Step


@dataclass(frozen=True, eq=False)
class State:
    """A run before its step `step` (0 is the start), at noise level `sigma`; the last state is the result, at 0.

    `x` and `x0` are samples [B, C, h, w] as the VAE gives them. Where noise is added to the picture, x is divided by
    sqrt(1 + sigma^2): so it has the variance of a picture at every level, and can be looked at.
    """

    step: int
    sigma: float
    x: Tensor
    x0: Tensor


def sample_path(
    model: DiffusionModel,
    positive: Conditioning,
    negative: Conditioning,
    latent: dict[str, Any],
    *,
    most: int,
    on_step: Callable[[Step], None] | None = None,
    **settings: Any,
) -> tuple[dict[str, Any], list[State]]:
    """(The LATENT that `sample` gives, at most `most` states of the run, among them the first one and the result).

    `settings` are those of `diffusion.sample.sample`, which says what is raised; a run without steps has one state.
    """
    if most < 2:
        raise DiffusionError(f"A path has at least 2 states, not {most}.", remedy="Show more of them.", input="states")
    states: list[State] = []
    steps = 0

    def keep(step: Step) -> None:
        nonlocal steps
        steps = step.total
        if _is_kept(step.step - 1, step.total, most):
            scale = 1.0 if model.noise_model.is_flow else 1 / math.sqrt(1 + step.sigma**2)
            x, x0 = (plain(model.latent_format.from_model(field)) for field in (step.x * scale, step.x0))
            states.append(State(step.step - 1, step.sigma, x, x0))
        if on_step is not None:
            on_step(step)

    done = sampling.sample(model, positive, negative, latent, on_step=keep, **settings)
    return done, [*states, State(steps, 0.0, done["samples"], done["samples"])]


def _is_kept(number: int, steps: int, most: int) -> bool:
    """Whether the state before a step is one of `most` that are spread evenly from 0 to `steps`, both among them."""
    if steps < most:
        return True
    return number in {round(place * steps / (most - 1)) for place in range(most)}
