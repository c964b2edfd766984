"""Where a model computes, and in which type.

On a CPU everything computes in float32, whatever type weights are stored in: half precision is slower there. Elsewhere
denoisers and text encoders compute in half precision, and a VAE in float32, whose activations leave the range of
float16 in some checkpoints.
"""

from __future__ import annotations

import torch

VAE_TYPE = torch.float32
_WIDE_RANGE = ("sd3", "flux")
"""Families that were trained in bfloat16, and whose activations may leave the range of float16."""


def device_of(name: str) -> torch.device:
    """The device of a name; "auto" takes a GPU where there is one."""
    if name != "auto":
        return torch.device(name)
    if torch.cuda.is_available():
        return torch.device("cuda")
    return torch.device("mps" if torch.backends.mps.is_available() else "cpu")


def type_of(device: torch.device, family: str = "") -> torch.dtype:
    """The type that a denoiser or text encoder of a family computes in."""
    if device.type == "cpu":
        return torch.float32
    if family in _WIDE_RANGE and (device.type != "cuda" or torch.cuda.is_bf16_supported()):
        return torch.bfloat16
    return torch.float16
