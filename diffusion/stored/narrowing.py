"""Weights held in fewer bits than the file has, because a person chose so: fp8 without a scale."""

from __future__ import annotations

import torch

from diffusion.stored.contract import Stored
from diffusion.stored.plain import Plain

FP8 = {
    "fp8_e4m3fn": torch.float8_e4m3fn,
    "fp8_e4m3fn_fast": torch.float8_e4m3fn,
    "fp8_e5m2": torch.float8_e5m2,
}
"""The field's names. The fast one is held alike; whether a device multiplies in fp8 is not decided here."""


def narrowed(stored: Stored, dtype: torch.dtype) -> Stored:
    """The weight in a type of eight bits; numbers beyond its range become its largest.

    What has one dimension stays as it is, being small and delicate, and so does what is stored in eight bits or fewer.
    """
    if not isinstance(stored, Plain) or len(stored.shape) < 2 or stored.data.dtype.itemsize < 2:
        return stored
    most = torch.finfo(dtype).max
    return Plain(stored.widen(torch.float32).clamp(-most, most).to(dtype))
