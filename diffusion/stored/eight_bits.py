"""Numbers of eight bits, in a form that torch widens quickly and without a change of their value."""

from __future__ import annotations

import torch
from torch import Tensor

FP8_NAMES = {torch.float8_e4m3fn: "fp8 e4m3", torch.float8_e5m2: "fp8 e5m2"}
"""The types of fp8, and how the field writes them."""


def readable(data: Tensor) -> tuple[Tensor, float]:
    """A tensor and a factor, a power of two: the values of `data` are their product, also infinities and NaNs.

    On a CPU torch widens fp8 value by value, and on Apple's GPUs not at all. There the bits are moved to where a
    float16 has them: e5m2 is a float16 without its low byte, and the exponent of e4m3 counts from 8 less.
    """
    if data.device.type not in ("cpu", "mps") or data.dtype not in FP8_NAMES:
        return data, 1.0
    bits = data.view(torch.int8).to(torch.int16)
    if data.dtype == torch.float8_e5m2:
        return bits.bitwise_left_shift_(8).view(torch.float16), 1.0
    numbers = bits.bitwise_left_shift_(7).bitwise_and_(-0x4001).view(torch.float16)  # the sign is there twice
    size = data.view(torch.uint8) & 0x7F
    if size.numel() and int(size.max()) == 0x7F:
        numbers.masked_fill_(size == 0x7F, float("nan"))
    return numbers, 256.0
