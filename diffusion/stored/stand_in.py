"""What stands in the place of a module's weight while it is stored: a tensor by its looks, without memory."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.utils._pytree import tree_map

from diffusion.stored.contract import Stored


class StandIn(Tensor):
    """Answers shape, type and device at no cost; an operation on it widens the stored weight for its duration.

    Model code looks at the type of a weight to bring activations to it, or at its device, and means no more by it.
    Raises TypeError when it is written to: that would change a copy and be lost.
    """

    stored: Stored
    __torch_function__ = torch._C._disabled_torch_function_impl

    @staticmethod
    def __new__(cls, stored: Stored, dtype: torch.dtype) -> StandIn:
        """A tensor that looks like the stored weight in a type."""
        made: StandIn = Tensor._make_wrapper_subclass(cls, stored.shape, dtype=dtype, device=stored.device)
        made.stored = stored
        return made

    @classmethod
    def __torch_dispatch__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        for declared, value in zip(func._schema.arguments, args, strict=False):
            if isinstance(value, StandIn) and declared.alias_info is not None and declared.alias_info.is_write:
                raise TypeError("A stored weight cannot be written to. Widen it, change that, and place it instead.")
        return func(*tree_map(_widened, args), **tree_map(_widened, kwargs or {}))

    def __repr__(self, **_: Any) -> str:
        return f"StandIn({self.stored.format}, shape={tuple(self.shape)}, dtype={self.dtype})"


def _widened(value: Any) -> Any:
    return value.stored.widen(value.dtype) if isinstance(value, StandIn) else value
