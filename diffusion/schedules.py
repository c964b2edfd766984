"""Which noise levels a run visits: falling sigmas that end at 0. Free of torch.

One pure function a schedule: (noise model, steps) -> sigmas. `SCHEDULES` is in the field's order. All numbers are
rounded to float32, the precision in which the field passes them on, so that noise drawn between two levels is the
same as there.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from diffusion.errors import DiffusionError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from diffusion.noise_models import NoiseModel

MAX_STEPS = 10_000


def simple(model: NoiseModel, steps: int) -> list[float]:
    """Every (trained steps / steps)-th trained level, from the highest."""
    stride = len(model.sigmas) / steps
    return [float(model.sigmas[-1 - int(i * stride)]) for i in range(steps)] + [0.0]


def normal(model: NoiseModel, steps: int) -> list[float]:
    """Even in time, both ends of the trained range included."""
    return [*_even_in_time(model, steps), 0.0]


def sgm_uniform(model: NoiseModel, steps: int) -> list[float]:
    """Even in time, the lowest trained level left out: the last step is as long as the others."""
    return [*_even_in_time(model, steps + 1)[:-1], 0.0]


def karras(model: NoiseModel, steps: int) -> list[float]:
    """Even in sigma ** (1 / 7): short steps where the picture's details form (arXiv 2206.00364, equation 5)."""
    rho = 7.0
    levels = np.linspace(model.sigma_max ** (1 / rho), model.sigma_min ** (1 / rho), steps) ** rho
    return [*levels.tolist(), 0.0]


def exponential(model: NoiseModel, steps: int) -> list[float]:
    """Even in log sigma."""
    levels = np.exp(np.linspace(math.log(model.sigma_max), math.log(model.sigma_min), steps))
    return [*levels.tolist(), 0.0]


def ddim_uniform(model: NoiseModel, steps: int) -> list[float]:
    """Every (trained steps // steps)-th trained level, counted from the lowest.

    Where the division leaves a rest there is room for a few more steps than were asked for, and they are taken, as
    elsewhere in the field: 15 steps of 1000 become 16.
    """
    stride = max(len(model.sigmas) // steps, 1)
    return [*model.sigmas[1::stride][::-1].tolist(), 0.0]


def beta(model: NoiseModel, steps: int) -> list[float]:
    """Trained levels at quantiles of the beta distribution B(0.6, 0.6): dense at both ends (arXiv 2407.12173).

    Where two quantiles fall on one trained level, it is visited once, so that many steps become fewer.
    """
    places = np.rint(_beta_quantiles(1 - np.arange(steps) / steps) * (len(model.sigmas) - 1)).astype(int)
    return [*(float(model.sigmas[place]) for place in dict.fromkeys(places.tolist())), 0.0]


def linear_quadratic(model: NoiseModel, steps: int) -> list[float]:
    """Half of the steps evenly to 97.5 % of the highest level, the others ever longer to 0, without a bend between."""
    if steps == 1:
        return [model.sigma_max, 0.0]
    even, first = steps // 2, 0.025
    rest, stride = steps - even, first / even
    bend = (1 - first - stride * rest) / rest**2
    far = np.maximum(np.arange(steps) - even, 0)
    removed = np.minimum(np.arange(steps), even) * stride + far * stride + far**2 * bend
    return [*((1 - removed) * model.sigma_max).tolist(), 0.0]


def kl_optimal(model: NoiseModel, steps: int) -> list[float]:
    """Even in the arc tangent of sigma: the best there is for a normal distribution (arXiv 2404.14507, theorem 3.1)."""
    levels = np.tan(np.linspace(math.atan(model.sigma_max), math.atan(model.sigma_min), steps))
    return [*levels.tolist(), 0.0]


SCHEDULES: dict[str, Callable[[NoiseModel, int], list[float]]] = {
    "simple": simple,
    "sgm_uniform": sgm_uniform,
    "karras": karras,
    "exponential": exponential,
    "ddim_uniform": ddim_uniform,
    "beta": beta,
    "normal": normal,
    "linear_quadratic": linear_quadratic,
    "kl_optimal": kl_optimal,
}


def sigmas_for(
    name: str, noise_model: NoiseModel, steps: int, denoise: float = 1.0, *, discard_penultimate: bool = False
) -> tuple[float, ...]:
    """The noise levels of a run, falling, the last one 0; `len - 1` steps.

    `denoise` < 1 makes a schedule of `int(steps / denoise)` steps and keeps its last `steps`; 0 or less keeps none
    and gives an empty tuple. `discard_penultimate` plans one step more and drops the lowest level above 0, which
    second-order samplers with a midpoint need. Raises DiffusionError for a name or a number of steps that cannot be.
    """
    if name not in SCHEDULES:
        raise DiffusionError(
            f"There is no schedule {name!r}.", remedy=f"Choose one of {', '.join(SCHEDULES)}.", input="scheduler"
        )
    if not 1 <= steps <= MAX_STEPS:
        raise DiffusionError(
            f"A run takes 1 to {MAX_STEPS} steps, not {steps}.", remedy="20 is a usual number.", input="steps"
        )
    if math.isnan(denoise):
        raise DiffusionError("denoise is not a number.", remedy="Use a number from 0 to 1.", input="denoise")
    if denoise <= 0:
        return ()
    # The field's threshold: above it, a run counts as a whole one.
    planned = steps if denoise > 0.9999 else min(int(steps / denoise), MAX_STEPS)
    sigmas = SCHEDULES[name](noise_model, planned + discard_penultimate)
    if discard_penultimate:
        sigmas = [*sigmas[:-2], sigmas[-1]]
    levels = _float32(sigmas)
    return levels if planned == steps else levels[-(steps + 1) :]


def _even_in_time(model: NoiseModel, steps: int) -> list[float]:
    first, last = model.timestep(model.sigma_max), model.timestep(model.sigma_min)
    return [model.sigma(t) for t in np.linspace(first, last, steps)]


_BETA_SHAPE = 0.6


def _beta_quantiles(shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """The values below which these shares (0..1) of B(0.6, 0.6) lie.

    The lower half is tabulated in w = value ** 0.6, in which its density has no pole; the upper half mirrors it.
    """
    w = np.linspace(0, 0.5**_BETA_SHAPE, 8193)
    density = (1 - w ** (1 / _BETA_SHAPE)) ** (_BETA_SHAPE - 1)
    below = np.concatenate([[0.0], np.cumsum((density[1:] + density[:-1]) / 2)])
    lower = np.interp(np.minimum(shares, 1 - shares), below / below[-1] / 2, w) ** (1 / _BETA_SHAPE)
    return np.where(shares >= 0.5, 1 - lower, lower)


def _float32(sigmas: list[float]) -> tuple[float, ...]:
    levels: list[float] = np.asarray(sigmas, dtype=np.float32).astype(np.float64).tolist()
    return tuple(dict.fromkeys(levels))  # more steps than trained levels: a level is visited once
