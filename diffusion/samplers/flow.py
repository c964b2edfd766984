"""The samplers that add fresh noise, for flow models: x = (1 - sigma) * x0 + sigma * noise.

Noise cannot just be added there: what is below it must give way. The ancestral samplers go down to a level below the
next one, shrink what they have, and fill up with noise, so that the shares of picture and noise are those of the next
level. The samplers of the diffusion SDE are run as they are on x / (1 - sigma), whose noise has the deviation
sigma / (1 - sigma).
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from torch import Tensor

    from diffusion.samplers.contract import Sampling, StepNoise

_NEARLY_ALL = 1 - 1e-4
"""Where a level is 1 there is no picture in x to speak of; this is taken for it where one divides by its share."""


def euler_ancestral(x: Tensor, sigmas: Sequence[float], noise: StepNoise) -> Sampling:
    """Euler to a level below the next one, then fresh noise up to it."""
    for sigma, after in pairwise(sigmas):
        x0 = yield x, sigma
        if after == 0:
            x = x0
            continue
        down = after**2 / sigma
        x = _filled(_along(x, x0, down / sigma), down, after, noise(sigma, after))
    return x


def dpm_2_ancestral(x: Tensor, sigmas: Sequence[float], noise: StepNoise) -> Sampling:
    """Second order between one level and the noise, two model calls a step."""
    for sigma, after in pairwise(sigmas):
        x0 = yield x, sigma
        if after == 0:
            x = x0
            continue
        down = after**2 / sigma
        middle = math.sqrt(sigma * down)
        halfway = _along(x, x0, middle / sigma)
        x0 = yield halfway, middle
        x = _filled(x + (halfway - x0) * ((down - sigma) / middle), down, after, noise(sigma, after))
    return x


def dpmpp_2s_ancestral(x: Tensor, sigmas: Sequence[float], noise: StepNoise) -> Sampling:
    """Singlestep solver in the logarithm of the shares' ratio, then noise up to the next level."""
    for sigma, after in pairwise(sigmas):
        x0 = yield x, sigma
        if after == 0:
            x = x0
            continue
        down = after**2 / sigma
        ratio = math.sqrt(_ratio(sigma) * _ratio(down))
        middle = ratio / (1 + ratio) if sigma < 1 else _NEARLY_ALL
        x0 = yield _along(x, x0, middle / sigma), middle
        x = _filled(_along(x, x0, down / sigma), down, after, noise(sigma, after))
    return x


def lcm(x: Tensor, sigmas: Sequence[float], noise: StepNoise) -> Sampling:
    """Every step predicts the picture and noises it again, less."""
    for sigma, after in pairwise(sigmas):
        x0 = yield x, sigma
        x = x0 if after == 0 else x0 * (1 - after) + noise(sigma, after) * after
    return x


def by_ratio(
    steps: Callable[[Tensor, Sequence[float], StepNoise], Sampling],
) -> Callable[[Tensor, Sequence[float], StepNoise], Sampling]:
    """The sampler of models in which noise is added, run on x / (1 - sigma)."""

    def flow(x: Tensor, sigmas: Sequence[float], noise: StepNoise) -> Sampling:
        level = {_ratio(sigma): sigma for sigma in sigmas}  # so that a level is the one that was asked for, to the bit

        def sigma_of(ratio: float) -> float:
            return level.get(ratio, ratio / (1 + ratio))

        def fresh(ratio: float, after: float) -> Tensor:
            return noise(sigma_of(ratio), sigma_of(after))

        inner = steps(x / (1 - _below_one(sigmas[0])), [_ratio(sigma) for sigma in sigmas], fresh)
        inside, ratio = next(inner)
        while True:
            sigma = sigma_of(ratio)
            x0 = yield inside * (1 - _below_one(sigma)), sigma
            try:
                inside, ratio = inner.send(x0)
            except StopIteration as done:
                end: Tensor = done.value
                return end * (1 - _below_one(sigmas[-1]))

    return flow


def _along(x: Tensor, x0: Tensor, left: float) -> Tensor:
    """On the straight line from x to x0, where this share of the noise in x is left."""
    return x * left + x0 * (1 - left)


def _filled(x: Tensor, level: float, after: float, noise: Tensor) -> Tensor:
    """x at `level` with as much fresh noise as makes it one at the higher level `after`."""
    shrink = (1 - after) / (1 - level)
    return x * shrink + noise * math.sqrt(max(0.0, after**2 - (level * shrink) ** 2))


def _below_one(sigma: float) -> float:
    return min(sigma, _NEARLY_ALL)


def _ratio(sigma: float) -> float:
    """Of the shares of noise and picture."""
    return _below_one(sigma) / (1 - _below_one(sigma))
