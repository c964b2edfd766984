"""Models that were trained on a list of noise levels: the Stable Diffusion families up to SDXL.

They were trained on x_t = sqrt(a) * x0 + sqrt(1 - a) * noise, with a = the running product of alphas at step t;
dividing by sqrt(a) gives sigma = sqrt((1 - a) / a), and `scale_input` undoes that division before the network sees x.

Time steps between two trained ones are interpolated in log sigma, in both directions. Some implementations round them
to the nearest trained step; diffusers does not, and neither does this one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from diffusion.errors import DiffusionError
from diffusion.noise_models.exploding import ExplodingNoise

if TYPE_CHECKING:
    from collections.abc import Mapping

    import torch

    from diffusion.noise_models.contract import Levels

PREDICTIONS = ("epsilon", "v_prediction", "sample")

# A zero terminal signal-to-noise ratio means an infinite sigma; this is the least signal that is kept instead.
_LEAST_SIGNAL = 2.0**-24

# The betas that all models of the Stable Diffusion families up to SDXL were trained with.
_BETAS: dict[str, Any] = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear"}


@dataclass(frozen=True, eq=False)
class DiscreteNoise(ExplodingNoise):
    """What the model predicts (`PREDICTIONS`) and the sigma of each trained time step, rising."""

    prediction: str
    sigmas: Levels

    @cached_property
    def _log_sigmas(self) -> Levels:
        return np.log(self.sigmas)

    @cached_property
    def _steps(self) -> Levels:
        return np.arange(len(self.sigmas), dtype=np.float64)

    def timestep(self, sigma: float) -> float:
        """The (fractional) time step of a noise level; clamped to the trained range."""
        return float(np.interp(math.log(max(sigma, 1e-10)), self._log_sigmas, self._steps))

    def sigma(self, timestep: float) -> float:
        """The noise level of a (fractional) time step; clamped to the trained range."""
        return math.exp(np.interp(timestep, self._steps, self._log_sigmas))

    def sigma_at(self, percent: float) -> float:
        """The noise level when `percent` (0..1) of the way from noise to picture is done; infinite at 0, 0 at 1."""
        if percent <= 0:
            return math.inf
        if percent >= 1:
            return 0.0
        return self.sigma((1 - percent) * (len(self.sigmas) - 1))

    def with_zero_terminal_snr(self) -> DiscreteNoise:
        """The same levels, moved so that the highest is nothing but noise."""
        alphas = _with_zero_terminal_snr(1 / (1 + np.square(self.sigmas)))
        return DiscreteNoise(self.prediction, np.sqrt((1 - alphas) / alphas))

    def scale_input(self, x: torch.Tensor, sigma: float) -> torch.Tensor:
        """x as the model was trained to see it, with unit variance."""
        return x / math.sqrt(sigma**2 + 1)

    def x0(self, x: torch.Tensor, output: torch.Tensor, sigma: float) -> torch.Tensor:
        """The clean latent that the model's output stands for."""
        if self.prediction == "epsilon":
            return x - sigma * output
        if self.prediction == "v_prediction":
            return x / (sigma**2 + 1) - output * (sigma / math.sqrt(sigma**2 + 1))
        return output


def discrete_noise(
    prediction: str = "epsilon", *, zero_terminal_snr: bool = False, betas: Mapping[str, Any] | None = None
) -> DiscreteNoise:
    """The noise model of Stable Diffusion, or of other `betas` in the words of a diffusers scheduler.

    `zero_terminal_snr`: the last trained level is all noise. Raises DiffusionError for a prediction type or a beta
    schedule that is not known here.
    """
    if prediction not in PREDICTIONS:
        raise DiffusionError(
            f"The checkpoint's scheduler names the prediction type {prediction!r}; known are {', '.join(PREDICTIONS)}.",
            remedy="Use a checkpoint of a family that is listed.",
        )
    alphas: Levels = np.cumprod(1.0 - _betas(_BETAS if betas is None else betas))
    if zero_terminal_snr:
        alphas = _with_zero_terminal_snr(alphas)
    return DiscreteNoise(prediction, np.sqrt((1 - alphas) / alphas))


def _betas(config: Mapping[str, Any]) -> Levels:
    if (trained := config.get("trained_betas")) is not None:
        return np.asarray(trained, dtype=np.float64)
    n = int(config.get("num_train_timesteps", 1000))
    start, end = float(config.get("beta_start", 0.0001)), float(config.get("beta_end", 0.02))
    match config.get("beta_schedule", "linear"):
        case "linear":
            return np.linspace(start, end, n)
        case "scaled_linear":
            return np.square(np.linspace(math.sqrt(start), math.sqrt(end), n))
        case "squaredcos_cap_v2":
            # "Improved Denoising Diffusion Probabilistic Models", arXiv 2102.09672, equation 17.
            bar: Levels = np.cos((np.arange(n + 1) / n + 0.008) / 1.008 * math.pi / 2) ** 2
            betas: Levels = np.minimum(1 - bar[1:] / bar[:-1], 0.999)
            return betas
        case other:
            raise DiffusionError(
                f"The checkpoint's scheduler names the beta schedule {other!r}; known are linear, scaled_linear and "
                "squaredcos_cap_v2.",
                remedy="Use a checkpoint of a family that is listed.",
            )


def _with_zero_terminal_snr(alphas: Levels) -> Levels:
    # "Common Diffusion Noise Schedules and Sample Steps are Flawed", arXiv 2305.08891, algorithm 1.
    root = np.sqrt(alphas)
    root = (root - root[-1]) * root[0] / (root[0] - root[-1])
    floored: Levels = np.maximum(np.square(root), _LEAST_SIGNAL)
    return floored
