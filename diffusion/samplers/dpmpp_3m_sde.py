"""SDE-DPM-Solver++(3M): the two previous predictions give it a third order, with noise from a Brownian path."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

    from diffusion.samplers.contract import Sampling, StepNoise


def dpmpp_3m_sde(x: Tensor, sigmas: Sequence[float], noise: StepNoise) -> Sampling:
    """Multistep solver of the diffusion SDE; divided differences of past predictions stand for its derivatives."""
    past: list[tuple[Tensor, float]] = []  # the latest first: prediction, and the length of the step that it made
    for sigma, after in pairwise(sigmas):
        x0 = yield x, sigma
        if after == 0:
            x = x0
            continue
        h = math.log(sigma / after)
        decay = 2 * h  # half of it is the equation's drift, half makes room for the noise
        phi_1 = -math.expm1(-decay)
        phi_2 = 1 - phi_1 / decay
        x = x * math.exp(-decay) + x0 * phi_1
        if len(past) == 1:
            x = x + (x0 - past[0][0]) * (phi_2 * h / past[0][1])
        elif past:
            (one, h_one), (two, h_two) = past
            near, far = (x0 - one) * (h / h_one), (one - two) * (h / h_two)
            share = h / (h_one + h_two)
            slope = near + (near - far) * (h_one / (h_one + h_two))
            x = x + slope * phi_2 - (near - far) * (share * (phi_2 / decay - 0.5))
        x = x + noise(sigma, after) * (after * math.sqrt(phi_1))
        past = [(x0, h), *past[:1]]
    return x
