"""What every noise model answers. Everything outside this folder speaks of sigma, the noise level.

Most models were trained on x = x0 + sigma * noise, or on the same but for a factor ("Elucidating the Design Space of
Diffusion-Based Generative Models", arXiv 2206.00364): sigma is the standard deviation of the noise. Flow models were
trained on x = (1 - sigma) * x0 + sigma * noise (arXiv 2209.03003): sigma is the share of the noise, 1 at most.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    import torch
    from numpy.typing import NDArray

Levels: TypeAlias = "NDArray[np.floating[Any]]"


class NoiseModel(Protocol):
    """How a model counts noise."""

    @property
    def sigmas(self) -> Levels:
        """The trained noise levels, rising; of a model that was trained on any level, a fine raster of them."""

    @property
    def sigma_min(self) -> float:
        """The lowest trained noise level."""

    @property
    def sigma_max(self) -> float:
        """The highest trained noise level."""

    @property
    def is_flow(self) -> bool:
        """Whether noise takes the place of the picture: x = (1 - sigma) * x0 + sigma * noise."""

    def timestep(self, sigma: float) -> float:
        """What the network is told at a noise level, in its trained steps."""

    def sigma(self, timestep: float) -> float:
        """The noise level of a place in trained time, which schedules that are even in time count in."""

    def sigma_at(self, percent: float) -> float:
        """The noise level when `percent` (0..1) of the way from noise to picture is done; 0 at 1."""

    def add_noise(self, latent: torch.Tensor, noise: torch.Tensor, sigma: float) -> torch.Tensor:
        """The latent at noise level `sigma`."""

    def start(self, latent: torch.Tensor, noise: torch.Tensor, sigma: float) -> torch.Tensor:
        """Where a run from level `sigma` starts."""

    def finish(self, x: torch.Tensor, sigma: float) -> torch.Tensor:
        """What a run that ends at level `sigma` hands on: a latent from which `start` without noise goes on."""

    def scale_input(self, x: torch.Tensor, sigma: float) -> torch.Tensor:
        """x as the network was trained to see it."""

    def x0(self, x: torch.Tensor, output: torch.Tensor, sigma: float) -> torch.Tensor:
        """The clean latent that the network's output stands for."""
