"""Small random LoRAs for modules, and what their weights are with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from diffusion.loras.changes import Change, LowRank
from diffusion.loras.lora import Lora

if TYPE_CHECKING:
    from collections.abc import Callable

TO_Q = "attn1.to_q"


def low_rank(weight: Any, *, rank: int = 2, seed: int = 0, size: float = 1.0) -> LowRank:
    """A change for a weight that counts: as large as the weight itself."""
    random = torch.Generator().manual_seed(seed)
    down = torch.randn(rank, *weight.shape[1:], generator=random) * size
    up = torch.randn(weight.shape[0], rank, *([1] * (weight.ndim - 2)), generator=random) * 0.05
    return LowRank(down, up, float(rank))


def for_module(
    module: nn.Module,
    part: str = "denoiser",
    *,
    ends: tuple[str, ...] = (TO_Q,),
    make: Callable[..., Change] = low_rank,
    family: str = "",
    **settings: Any,
) -> Lora:
    """A LoRA for the layers of a module whose paths end so."""
    layers = {
        path: make(layer.weight, **settings)
        for path, layer in module.named_modules()
        if path.endswith(ends) and isinstance(layer, nn.Linear | nn.Conv2d | nn.Embedding)
    }
    assert layers
    return Lora({part: layers}, family)


def snapshot(module: nn.Module) -> dict[str, tuple[int, int, torch.Tensor]]:
    """The parameters and buffers of a module: the object, where it lies, and a copy."""
    tensors = {**dict(module.named_parameters()), **dict(module.named_buffers())}
    kept = {name: tensor for name, tensor in tensors.items() if not name.endswith("weight_dtype")}
    return {name: (id(tensor), tensor.data_ptr(), tensor.detach().clone()) for name, tensor in kept.items()}


def assert_untouched(module: nn.Module, before: dict[str, tuple[int, int, torch.Tensor]]) -> None:
    """The same objects at the same places with the same bits."""
    now = snapshot(module)
    assert now.keys() == before.keys()
    for name, (identity, place, values) in before.items():
        assert now[name][:2] == (identity, place), name
        raw, was = (tensor.reshape(-1).view(torch.uint8) for tensor in (now[name][2].contiguous(), values.contiguous()))
        assert torch.equal(raw, was), name
