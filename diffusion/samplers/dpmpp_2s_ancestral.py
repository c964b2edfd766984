"""DPM-Solver++(2S) with fresh noise after every step: second order within the step, from a look at its middle."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING

from diffusion.samplers.euler import ancestral_levels

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

    from diffusion.samplers.contract import Sampling, StepNoise


def dpmpp_2s_ancestral(x: Tensor, sigmas: Sequence[float], noise: StepNoise) -> Sampling:
    """Singlestep solver in log sigma (arXiv 2211.01095, algorithm 1) to a level below the next one, then noise up to
    it."""
    for sigma, after in pairwise(sigmas):
        x0 = yield x, sigma
        if after == 0:
            x = x0
            continue
        down, up = ancestral_levels(sigma, after)
        middle = math.sqrt(sigma * down)
        x0 = yield x0 + (x - x0) * (middle / sigma), middle
        x = x0 + (x - x0) * (down / sigma) + noise(sigma, after) * up
    return x
