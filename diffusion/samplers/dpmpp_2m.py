"""DPM-Solver++(2M): second order at one model call a step, from the previous prediction."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

    from diffusion.samplers.contract import Sampling, StepNoise


def dpmpp_2m(x: Tensor, sigmas: Sequence[float], noise: StepNoise) -> Sampling:  # noqa: ARG001 - one signature for all
    """Deterministic multistep solver in log sigma (arXiv 2211.01095, algorithm 2)."""
    before: Tensor | None = None
    h_before = 0.0
    for sigma, after in pairwise(sigmas):
        x0 = yield x, sigma
        if after == 0:
            x = x0
            continue
        h = math.log(sigma / after)
        ahead = x0 if before is None else x0 + (x0 - before) * (h / (2 * h_before))
        x = x * (after / sigma) - ahead * math.expm1(-h)
        before, h_before = x0, h
    return x
