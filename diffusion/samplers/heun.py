"""Heun's method: Euler, corrected by the slope at the far end."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

    from diffusion.samplers.contract import Sampling, StepNoise


def heun(x: Tensor, sigmas: Sequence[float], noise: StepNoise) -> Sampling:  # noqa: ARG001 - one signature for all
    """Second order, deterministic, two model calls a step (arXiv 2206.00364, algorithm 1)."""
    for sigma, after in pairwise(sigmas):
        x0 = yield x, sigma
        slope = (x - x0) / sigma
        there = x + slope * (after - sigma)
        if after > 0:
            x0 = yield there, after
            there = x + (slope + (there - x0) / after) * ((after - sigma) / 2)
        x = there
    return x
