"""How a model's output, its time steps and the noise level belong together. Free of torch.

- `contract`: what every noise model answers
- `discrete`: models trained on a list of noise levels, which predict noise, v, or the picture
- `edm`: models trained on any noise level, with the preconditioning of EDM
- `exploding`: what those share in which noise is added to the picture
- `flow`: models trained on straight lines between picture and noise
- `lcm`: models distilled from discrete ones to a few steps
- `picture`: models that make one picture of another
- `scheduler_config`: the noise model that a folder's scheduler_config.json describes
"""

from __future__ import annotations

from diffusion.noise_models.contract import Levels, NoiseModel
from diffusion.noise_models.discrete import PREDICTIONS, DiscreteNoise, discrete_noise
from diffusion.noise_models.edm import EdmNoise
from diffusion.noise_models.flow import FlowNoise
from diffusion.noise_models.lcm import LcmNoise
from diffusion.noise_models.picture import PictureNoise
from diffusion.noise_models.scheduler_config import from_scheduler_config

__all__ = [
    "PREDICTIONS",
    "DiscreteNoise",
    "EdmNoise",
    "FlowNoise",
    "LcmNoise",
    "Levels",
    "NoiseModel",
    "PictureNoise",
    "discrete_noise",
    "from_scheduler_config",
]
