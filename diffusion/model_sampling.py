"""Another way of counting noise for a model: for checkpoints that do not say how they were trained, and for sizes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from diffusion.errors import DiffusionError
from diffusion.noise_models import DiscreteNoise, EdmNoise, FlowNoise, LcmNoise, PictureNoise, discrete_noise

if TYPE_CHECKING:
    from diffusion.models import DiffusionModel
    from diffusion.noise_models import NoiseModel

DISCRETE = ("eps", "v_prediction", "lcm", "x0", "img_to_img")
CONTINUOUS = ("v_prediction", "edm", "eps")

_NOTHING_BUT_NOISE = 1000.0
"""From this level on hardly anything of a picture is left; models without zero terminal SNR end far below."""
_CELL = 8 * 2
"""Pixels along the side of a token of Flux: 2 cells of the latent."""
_FEW_TOKENS, _MANY_TOKENS = 256, 4096
"""Between these, the shift of Flux grows with the tokens of the picture."""


def discrete(model: DiffusionModel, sampling: str, *, zsnr: bool = False) -> DiffusionModel:
    """The model as one that was trained on a list of noise levels and gives what `sampling` names (DISCRETE).

    `zsnr`: the highest level is nothing but noise; without it, it is not, also where the model's file says so. Apart
    from that a model keeps its list of levels. Raises DiffusionError.
    """
    known = model.noise_model
    levels = known.whole if isinstance(known, LcmNoise) else known
    base = discrete_noise()
    if isinstance(levels, DiscreteNoise) and levels.sigma_max < _NOTHING_BUT_NOISE:
        base = levels
    if zsnr:
        base = base.with_zero_terminal_snr()
    made: dict[str, NoiseModel] = {
        "eps": DiscreteNoise("epsilon", base.sigmas),
        "v_prediction": DiscreteNoise("v_prediction", base.sigmas),
        "x0": DiscreteNoise("sample", base.sigmas),
        "lcm": LcmNoise.of(base),
        "img_to_img": PictureNoise("sample", base.sigmas),
    }
    return model.with_noise_model(made[_checked(sampling, DISCRETE)])


def flow(model: DiffusionModel, shift: float) -> DiffusionModel:
    """The model as one that was trained on flow, with noise levels shifted; 1 leaves them even."""
    return model.with_noise_model(FlowNoise(_positive(shift, "shift")))


def flow_for_size(
    model: DiffusionModel, *, max_shift: float, base_shift: float, width: int, height: int
) -> DiffusionModel:
    """The model on flow with Flux's shift for a picture of some size, in pixels.

    The logarithm of the shift grows evenly with the tokens: `base_shift` at 256 of them (256 x 256 pixels),
    `max_shift` at 4096 (1024 x 1024).
    """
    tokens = width * height / _CELL**2
    slope = (max_shift - base_shift) / (_MANY_TOKENS - _FEW_TOKENS)
    return model.with_noise_model(FlowNoise.of_log_shift(base_shift + slope * (tokens - _FEW_TOKENS)))


def continuous(model: DiffusionModel, sampling: str, *, sigma_max: float, sigma_min: float) -> DiffusionModel:
    """The model as one that was trained on any noise level between two, even in their logarithm.

    `sampling` (CONTINUOUS): "edm" has the preconditioning of EDM for latents of deviation 0.5; "v_prediction" and "eps"
    give v or the noise, of latents of deviation 1. Raises DiffusionError.
    """
    low, high = _positive(sigma_min, "sigma_min"), _positive(sigma_max, "sigma_max")
    if low >= high:
        raise DiffusionError(
            f"Noise levels from {low:g} to {high:g} leave none.", remedy="Use a larger sigma_max.", input="sigma_max"
        )
    prediction, deviation = {"edm": ("epsilon", 0.5), "v_prediction": ("v_prediction", 1.0), "eps": ("noise", 1.0)}[
        _checked(sampling, CONTINUOUS)
    ]
    return model.with_noise_model(EdmNoise(prediction, low, high, deviation))


def _checked(sampling: str, known: tuple[str, ...]) -> str:
    if sampling not in known:
        raise DiffusionError(
            f"There is no way {sampling!r} of counting noise.",
            remedy=f"Choose one of {', '.join(known)}.",
            input="sampling",
        )
    return sampling


def _positive(value: float, name: str) -> float:
    if not value > 0:
        raise DiffusionError(f"{name} must be above 0, not {value:g}.", remedy="Use the default.", input=name)
    return value
