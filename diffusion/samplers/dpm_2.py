"""DPM-Solver-2 in the form of arXiv 2206.00364: a step along the slope at the (geometric) middle of the interval.

`dpm_2_ancestral` steps to a level below the next one and takes fresh noise up to it.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING

from diffusion.samplers.euler import ancestral_levels

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

    from diffusion.samplers.contract import Sampling, StepNoise


def dpm_2(x: Tensor, sigmas: Sequence[float], noise: StepNoise) -> Sampling:  # noqa: ARG001 - one signature for all
    """Second order, deterministic, two model calls a step (arXiv 2206.00927, algorithm 1)."""
    for sigma, after in pairwise(sigmas):
        x0 = yield x, sigma
        slope = (x - x0) / sigma
        if after > 0:
            middle = math.sqrt(sigma * after)
            halfway = x + slope * (middle - sigma)
            x0 = yield halfway, middle
            slope = (halfway - x0) / middle
        x = x + slope * (after - sigma)
    return x


def dpm_2_ancestral(x: Tensor, sigmas: Sequence[float], noise: StepNoise) -> Sampling:
    """Second order between one level and the noise, two model calls a step."""
    for sigma, after in pairwise(sigmas):
        x0 = yield x, sigma
        if after == 0:
            x = x0
            continue
        down, up = ancestral_levels(sigma, after)
        middle = math.sqrt(sigma * down)
        halfway = x + (x - x0) * ((middle - sigma) / sigma)
        x0 = yield halfway, middle
        x = x + (halfway - x0) * ((down - sigma) / middle) + noise(sigma, after) * up
    return x
