"""The socket types of the built-in nodes: what a picture, a mask, a latent ... must look like to pass a door.

A check looks at shapes and type names only, so that no torch is needed here and nothing large is read. Packs import
these names too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import diffusion
from graph.api import Choice, SocketType, describe_value

if TYPE_CHECKING:
    from torch import Tensor
else:
    Tensor = Any

MAX_SIDE = 16384
"""The longest side of a picture, in pixels; beyond it a slip of the keyboard would fill the memory."""


def _is_tensor(value: object, dimensions: int | tuple[int, ...]) -> bool:
    allowed = (dimensions,) if isinstance(dimensions, int) else dimensions
    return getattr(value, "ndim", None) in allowed and "float" in str(getattr(value, "dtype", ""))


def _image_check(value: object) -> str:
    if not _is_tensor(value, 4) or value.shape[-1] not in (1, 3, 4):  # type: ignore[attr-defined]
        return _found(value)
    return f"{_found(value)}, which is empty" if 0 in value.shape else ""  # type: ignore[attr-defined]


def _mask_check(value: object) -> str:
    return "" if _is_tensor(value, 3) else _found(value)


def _latent_check(value: object) -> str:
    if not isinstance(value, dict):
        return _found(value)
    samples = value.get("samples")
    return "" if _is_tensor(samples, (4, 5)) else f"a dict whose 'samples' is {_found(samples)}"


def _conditioning_check(value: object) -> str:
    if not isinstance(value, list | tuple) or not value:
        return _found(value)
    for item in value:
        if not isinstance(item, list | tuple) or len(item) != 2 or not isinstance(item[1], dict):
            return f"a list that holds {_found(item)}"
    return ""


def _model_check(value: object) -> str:
    """Models are objects of many makes; only what can be none of them is turned away."""
    plain = value is None or isinstance(value, bool | int | float | str | list | tuple | dict)
    return _found(value) if plain or _is_tensor(value, (1, 2, 3, 4, 5)) else ""


def _sigmas_check(value: object) -> str:
    return "" if _is_tensor(value, 1) else _found(value)


def _lora_check(value: object) -> str:
    return "" if isinstance(value, dict) and isinstance(value.get("layers"), dict) else _found(value)


def _losses_check(value: object) -> str:
    return "" if isinstance(value, dict) and isinstance(value.get("loss"), list) else _found(value)


def _found(value: object) -> str:
    kind = getattr(value, "dtype", None)
    return describe_value(value) + (f" and type {kind}" if kind is not None else "")


def _image_from_mask(mask: Any) -> object:
    return diffusion.masks.to_image(mask)


IMAGE = SocketType(
    "IMAGE",
    _image_check,
    "a picture batch: floats from 0 to 1 in the shape [batch, height, width, channels] with 1, 3 or 4 channels",
    {"MASK": _image_from_mask},
)
MASK = SocketType("MASK", _mask_check, "a mask batch: floats from 0 to 1 in the shape [batch, height, width]")
LATENT = SocketType(
    "LATENT", _latent_check, "a latent: a dict with floats [batch, channels, height, width] in 'samples'"
)
CONDITIONING = SocketType("CONDITIONING", _conditioning_check, "an encoded prompt: a list of [tensor, dict] pairs")
MODEL = SocketType("MODEL", _model_check, "a diffusion model")
CLIP = SocketType("CLIP", _model_check, "a text encoder")
VAE = SocketType("VAE", _model_check, "a VAE")
NOISE = SocketType("NOISE", _model_check, "the noise to start from")
GUIDER = SocketType("GUIDER", _model_check, "a model with what leads it")
SAMPLER = SocketType("SAMPLER", _model_check, "a sampler")
SIGMAS = SocketType("SIGMAS", _sigmas_check, "noise levels: a row of floats that falls")
LOSS_MAP = SocketType("LOSS_MAP", _losses_check, "the losses of a training: a dict with a list of numbers in 'loss'")
LORA_MODEL = SocketType("LORA_MODEL", _lora_check, "a LoRA: changes of a model's layers")

Image = Annotated[Tensor, IMAGE]
Mask = Annotated[Tensor, MASK]
Latent = Annotated[dict[str, Any], LATENT]
Conditioning = Annotated[list[Any], CONDITIONING]
Model = Annotated[Any, MODEL]
Clip = Annotated[Any, CLIP]
Vae = Annotated[Any, VAE]
Noise = Annotated[Any, NOISE]
Guider = Annotated[Any, GUIDER]
Sampler = Annotated[Any, SAMPLER]
Sigmas = Annotated[Tensor, SIGMAS]
LossMap = Annotated[dict[str, Any], LOSS_MAP]
LoraModel = Annotated[dict[str, Any], LORA_MODEL]

SamplerName = Annotated[str, Choice(diffusion.choices.SAMPLER_NAMES)]
SchedulerName = Annotated[str, Choice(diffusion.choices.SCHEDULER_NAMES)]
ResizeMethod = Annotated[str, Choice(("nearest-exact", "bilinear", "area", "bicubic", "lanczos"))]
LatentResizeMethod = Annotated[str, Choice(diffusion.choices.LATENT_UPSCALE_METHODS)]
Crop = Annotated[str, Choice(diffusion.choices.CROPS)]
