"""Linear multistep (Adams-Bashforth on uneven steps): a polynomial through the last slopes, integrated exactly."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

    from diffusion.samplers.contract import Sampling, StepNoise

ORDER = 4


def lms(x: Tensor, sigmas: Sequence[float], noise: StepNoise) -> Sampling:  # noqa: ARG001 - one signature for all
    """Up to fourth order, deterministic, one model call a step."""
    slopes: list[Tensor] = []  # the latest first
    for i in range(len(sigmas) - 1):
        x0 = yield x, sigmas[i]
        slopes = [(x - x0) / sigmas[i], *slopes[: ORDER - 1]]
        places = [sigmas[i - k] for k in range(len(slopes))]
        for slope, weight in zip(slopes, adams_weights(places, sigmas[i + 1]), strict=True):
            x = x + slope * weight
    return x


def adams_weights(places: Sequence[float], end: float) -> list[float]:
    """The integral from places[0] to `end` of each Lagrange polynomial over `places`."""
    weights = []
    for k, place in enumerate(places):
        others = [other for j, other in enumerate(places) if j != k]
        basis = np.polynomial.Polynomial.fromroots(others) if others else np.polynomial.Polynomial([1.0])
        integral = basis.integ(lbnd=places[0])
        weights.append(float(integral(end) / basis(place)))
    return weights
