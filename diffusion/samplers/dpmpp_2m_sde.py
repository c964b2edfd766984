"""SDE-DPM-Solver++(2M): the stochastic form of DPM-Solver++(2M), with noise from a Brownian path."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

    from diffusion.samplers.contract import Sampling, StepNoise


def dpmpp_2m_sde(x: Tensor, sigmas: Sequence[float], noise: StepNoise) -> Sampling:
    """Multistep solver of the diffusion SDE, midpoint form (arXiv 2211.01095, appendix on SDE-DPM-Solver++)."""
    before: Tensor | None = None
    h_before = 0.0
    for sigma, after in pairwise(sigmas):
        x0 = yield x, sigma
        if after == 0:
            x = x0
            continue
        h = math.log(sigma / after)
        gain = -math.expm1(-2 * h)
        x = x * (after / sigma * math.exp(-h)) + x0 * gain
        if before is not None:
            x = x + (x0 - before) * (gain * h / (2 * h_before))
        x = x + noise(sigma, after) * (after * math.sqrt(gain))
        before, h_before = x0, h
    return x
