"""Gradients through layers whose weight is stored in few bits: it is widened again on the way back.

Without this every wide weight would be kept until then, and memory would have to hold the model as if it were not
stored in few bits.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 - torch's own habit
from torch import Tensor, nn

from diffusion.stored.modules import StoredConv2d, StoredLinear


def prepare(module: nn.Module) -> None:
    """Makes the stored layers of a module pass gradients on to what they were given. Only for a private copy."""
    for part in module.modules():
        if isinstance(part, StoredLinear):
            part.forward = partial(_linear, part)
        elif isinstance(part, StoredConv2d) and part.padding_mode == "zeros" and not isinstance(part.padding, str):
            part.forward = partial(_convolved, part)


def _linear(layer: StoredLinear, input: Tensor) -> Tensor:  # noqa: A002 - torch's name
    out: Tensor = _Linear.apply(input, layer)
    return out


def _convolved(layer: StoredConv2d, input: Tensor) -> Tensor:  # noqa: A002 - torch's name
    out: Tensor = _Convolution.apply(input, layer)
    return out


class _Linear(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, given: Tensor, layer: StoredLinear) -> Tensor:
        ctx.layer = layer
        return F.linear(given, layer.widened(), layer.bias)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Any:
        return gradients[0] @ ctx.layer.widened(), None


class _Convolution(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, given: Tensor, layer: StoredConv2d) -> Tensor:
        ctx.layer, ctx.shape = layer, given.shape
        return layer._conv_forward(given, layer.widened(), layer.bias)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Any:
        layer = ctx.layer
        turned = torch.nn.grad.conv2d_input(
            ctx.shape, layer.widened(), gradients[0], layer.stride, layer.padding, layer.dilation, layer.groups
        )
        return turned, None
