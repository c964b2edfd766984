"""Noise levels of training: how they are drawn, and what the network sees and is to give at one.

Every noise model of `diffusion.noise_models` is linear in picture, noise and output. So what the network is to give is
known from the noise model's own answers, and nothing here names a kind of prediction.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import torch

from diffusion.noise_models.flow import STEPS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Generator, Tensor

    from diffusion.noise_models import NoiseModel


class Mix(NamedTuple):
    """Of one noise level: what is made of picture and noise.

    The network sees `seen_picture` * picture + `seen_noise` * noise, and is to give `wanted_picture` * picture +
    `wanted_noise` * noise. `stretch` is by how much an error of the output moves the predicted picture, `snr` the
    ratio of signal and noise (of their variances).
    """

    seen_picture: float
    seen_noise: float
    wanted_picture: float
    wanted_noise: float
    stretch: float
    snr: float


def mix(noise_model: NoiseModel, sigma: float) -> Mix:
    """The mix of a noise level above 0."""
    linear: Any = noise_model  # its functions take plain numbers as well as tensors
    picture, noise = linear.add_noise(1.0, 0.0, sigma), linear.add_noise(0.0, 1.0, sigma)
    scale = linear.scale_input(1.0, sigma)
    kept, stretch = linear.x0(1.0, 0.0, sigma), linear.x0(0.0, 1.0, sigma)
    return Mix(
        scale * picture,
        scale * noise,
        (1.0 - kept * picture) / stretch,
        -kept * noise / stretch,
        abs(stretch),
        (picture / noise) ** 2,
    )


def draw(noise_model: NoiseModel, count: int, generator: Generator) -> list[float]:
    """Noise levels as a model of this kind is usually trained.

    Each trained level is as likely as any other; those of a flow model are logit-normal in time before the shift
    ("Scaling Rectified Flow Transformers", arXiv 2403.03206, section 3.1).
    """
    if noise_model.is_flow:
        time = torch.sigmoid(torch.randn(count, generator=generator, dtype=torch.float64))
        return [noise_model.sigma(float(each) * STEPS) for each in time]
    sigmas = noise_model.sigmas
    return [float(sigmas[int(place)]) for place in torch.randint(len(sigmas), (count,), generator=generator)]


def column(values: Sequence[float], like: Tensor) -> Tensor:
    """A number for each item, to be multiplied with a batch [batch, ...]."""
    return torch.tensor(values, dtype=like.dtype, device=like.device).reshape(-1, *([1] * (like.ndim - 1)))


@dataclass(frozen=True, eq=False)
class ByItem:
    """A noise model under which a denoiser takes a level for each item (float64 [batch], on the CPU) and gives the
    output of its network as it is. What it is given is scaled already."""

    inner: NoiseModel

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def timestep(self, sigma: Tensor) -> Tensor:
        """What the network is told of each item."""
        return torch.tensor([self.inner.timestep(level) for level in sigma.tolist()], dtype=torch.float64)

    def scale_input(self, x: Tensor, sigma: Tensor) -> Tensor:  # noqa: ARG002 - is in x already
        """x as it is."""
        return x

    def x0(self, x: Tensor, output: Tensor, sigma: Tensor) -> Tensor:  # noqa: ARG002 - asked for the output itself
        """The output as it is."""
        return output
