"""Sampling of latent consistency models: every step predicts the picture and noises it again, less."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

    from diffusion.samplers.contract import Sampling, StepNoise


def lcm(x: Tensor, sigmas: Sequence[float], noise: StepNoise) -> Sampling:
    """Multistep consistency sampling (arXiv 2303.01469, algorithm 1; for latents arXiv 2310.04378)."""
    for sigma, after in pairwise(sigmas):
        x0 = yield x, sigma
        x = x0 if after == 0 else x0 + noise(sigma, after) * after
    return x
