"""The noise model that a diffusers folder's scheduler_config.json describes; absent keys have diffusers' defaults."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from diffusion.noise_models.discrete import discrete_noise
from diffusion.noise_models.edm import EdmNoise
from diffusion.noise_models.flow import FlowNoise

if TYPE_CHECKING:
    from collections.abc import Mapping

    from diffusion.noise_models.contract import NoiseModel


def from_scheduler_config(config: Mapping[str, Any]) -> NoiseModel:
    """The noise model of a scheduler's settings; its class name says which kind it is.

    Raises DiffusionError for a prediction type or a beta schedule that is not known here.
    """
    kind = str(config.get("_class_name", ""))
    if "FlowMatch" in kind or config.get("use_flow_sigmas") or config.get("prediction_type") == "flow_prediction":
        return _flow(config)
    if kind.startswith("EDM"):
        return EdmNoise(
            str(config.get("prediction_type", "epsilon")),
            float(config.get("sigma_min", 0.002)),
            float(config.get("sigma_max", 80.0)),
            float(config.get("sigma_data", 0.5)),
        )
    return discrete_noise(
        str(config.get("prediction_type", "epsilon")),
        zero_terminal_snr=bool(config.get("rescale_betas_zero_snr")),
        betas=config,
    )


def _flow(config: Mapping[str, Any]) -> FlowNoise:
    """With dynamic shifting the shift depends on the picture's size; the one for the largest is taken, as the field's
    nodes do until they are told a size."""
    if config.get("use_dynamic_shifting"):
        return FlowNoise.of_log_shift(float(config.get("max_shift", 1.15)))
    return FlowNoise(float(config.get("shift", config.get("flow_shift", 1.0))))
