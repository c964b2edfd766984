"""What a torch module that paints may be given: settings, and a tensor of noise, or of pictures with a strength."""

from __future__ import annotations

import math
from numbers import Integral, Real

import torch
from torch import Tensor

TEXTS, WHOLE, NUMBERS = ("prompt", "negative"), ("steps", "seed"), ("guidance",)


def check_settings(settings: object) -> None:
    """Raise TypeError for an attribute of another type than its setting has."""
    kinds = ((TEXTS, str, "a text"), (WHOLE, Integral, "a whole number"), (NUMBERS, Real, "a number"))
    for names, kind, words in kinds:
        for name in names:
            value = getattr(settings, name)
            if isinstance(value, bool) or not isinstance(value, kind):
                raise TypeError(f"{name} is {words}, not {value!r}")


def check_input(x: object, strength: object = None) -> None:
    """Raise TypeError or ValueError unless `x` is finite floats [B, 3, H, W]: noise, or, with a strength from 0 to 1,
    pictures in 0..1."""
    what = "noise" if strength is None else "a picture"
    if not isinstance(x, Tensor):
        raise TypeError(f"expected {what} as a torch tensor [B, 3, H, W], got {type(x).__name__}")
    if x.ndim != 4 or x.shape[1] != 3 or 0 in x.shape:
        raise ValueError(f"expected {what} of shape [B, 3, H, W], got {list(x.shape)}{_hint(x)}")
    if not x.is_floating_point():
        hint = "start from torch.randn" if strength is None else "write picture.float() / 255 for one of bytes"
        raise TypeError(f"expected floating-point numbers, got {x.dtype}; {hint}")
    if not torch.isfinite(x).all():
        raise ValueError(f"{what} holds NaN or infinity; look at what made it")
    if strength is not None:
        _check_picture(x, strength)


def _check_picture(x: Tensor, strength: object) -> None:
    if isinstance(strength, bool) or not isinstance(strength, Real):
        raise TypeError(f"strength is a number from 0 to 1, not {type(strength).__name__}")
    if not (math.isfinite(strength) and 0 <= strength <= 1):
        raise ValueError(f"strength is a number from 0 to 1, not {strength}; 0.6 is a good first choice")
    low, high = float(x.min()), float(x.max())
    if low < 0 or high > 1:
        hint = "leave strength out to start from noise" if low < 0 else "divide by 255 if it is of bytes"
        raise ValueError(f"a picture has values from 0 to 1, and this one from {low:.3g} to {high:.3g}; {hint}")


def _hint(x: Tensor) -> str:
    if x.ndim == 3 and x.shape[0] == 3:
        return "; for one item write x[None]"
    return "; write x.movedim(-1, 1)" if x.ndim == 4 and x.shape[-1] == 3 else ""
