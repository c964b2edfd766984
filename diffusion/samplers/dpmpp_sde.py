"""SDE-DPM-Solver++(2S): two stochastic half-steps, with noise from a Brownian path."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING

from diffusion.samplers.euler import ancestral_levels

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

    from diffusion.samplers.contract import Sampling, StepNoise


def dpmpp_sde(x: Tensor, sigmas: Sequence[float], noise: StepNoise) -> Sampling:
    """Singlestep solver of the diffusion SDE; the step is repeated with the prediction from its middle.

    Both the half-step and the whole one go below their level and take noise from the same path up to it.
    """
    for sigma, after in pairwise(sigmas):
        x0 = yield x, sigma
        if after == 0:
            x = x0
            continue
        middle = math.sqrt(sigma * after)
        down, up = ancestral_levels(sigma, middle)
        x0 = yield x0 + (x - x0) * (down / sigma) + noise(sigma, middle) * up, middle
        down, up = ancestral_levels(sigma, after)
        x = x0 + (x - x0) * (down / sigma) + noise(sigma, after) * up
    return x
