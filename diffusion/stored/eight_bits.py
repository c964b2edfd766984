"""Numbers of eight bits, made float32 without a change of their value."""

from __future__ import annotations

import torch
from torch import Tensor

FP8_NAMES = {torch.float8_e4m3fn: "fp8 e4m3", torch.float8_e5m2: "fp8 e5m2"}
"""The types of fp8, and how the field writes them."""


def to_float32(data: Tensor) -> Tensor:
    """The values of an fp8 or int8 tensor as a new float32 tensor of the same shape; infinities and NaNs stay.

    torch widens fp8 on a CPU value by value. There the bits are moved to where a float16 has them: e5m2 is a float16
    without its low byte, and the exponent of e4m3 counts from 8 less.
    """
    if data.device.type != "cpu" or data.dtype not in FP8_NAMES:
        return data.to(torch.float32, copy=True)
    raw = data.view(torch.int8)
    if data.dtype == torch.float8_e5m2:
        return (raw.to(torch.int16) << 8).view(torch.float16).to(torch.float32)
    if bool(((raw & 0x7F) == 0x7F).any()):  # NaN, which the way below would take for a number
        return data.to(torch.float32)
    signed = raw.to(torch.int16)
    bits = signed << 7
    bits &= 0x3FFF
    bits |= signed & -0x8000
    return bits.view(torch.float16).to(torch.float32).mul_(256.0)
