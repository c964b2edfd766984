"""Euler's method on the probability-flow equation dx/dsigma = (x - x0) / sigma, and its ancestral variant."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

    from diffusion.samplers.contract import Sampling, StepNoise


def euler(x: Tensor, sigmas: Sequence[float], noise: StepNoise) -> Sampling:  # noqa: ARG001 - one signature for all
    """First order, deterministic (arXiv 2206.00364, algorithm 1 without the second-order correction)."""
    for sigma, after in pairwise(sigmas):
        x0 = yield x, sigma
        x = x + (x - x0) * ((after - sigma) / sigma)
    return x


def euler_ancestral(x: Tensor, sigmas: Sequence[float], noise: StepNoise) -> Sampling:
    """Euler to a level below the next one, then fresh noise up to it (the posterior of DDPM, arXiv 2006.11239)."""
    for sigma, after in pairwise(sigmas):
        x0 = yield x, sigma
        if after == 0:
            x = x0
            continue
        down, up = ancestral_levels(sigma, after)
        x = x + (x - x0) * ((down - sigma) / sigma) + noise(sigma, after) * up
    return x


def ancestral_levels(sigma: float, after: float) -> tuple[float, float]:
    """(level to step down to, deviation of the noise to add), so that both together have the level `after`."""
    up = min(after, math.sqrt(after**2 * (sigma**2 - after**2) / sigma**2))
    return math.sqrt(after**2 - up**2), up
