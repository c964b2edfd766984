"""What a change of one weight is.

`delta` gives the whole change of a weight at strength 1; a strength only multiplies it. Each is a small frozen value
over tensors, in whatever type its file has; all of them compute in float32.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import fields
from typing import TYPE_CHECKING, Any, ClassVar, Self

import torch
from torch import Tensor

if TYPE_CHECKING:
    from collections.abc import Sequence


class Change(ABC):
    """A change of one weight."""

    kind: ClassVar[str]
    """What it is called in values that are stored, so that it never changes."""
    needs_weight: ClassVar[bool] = False
    """Whether it depends on the weight that it changes."""

    @abstractmethod
    def misfit(self, shape: Sequence[int]) -> str:
        """Why it cannot change a weight of this shape; "" when it can. Looks at shapes only."""

    @abstractmethod
    def delta(self, weight: Tensor) -> Tensor:
        """The whole change of a float32 weight at strength 1: float32, of its shape and on its device.

        Call it only where `misfit` has nothing to say.
        """

    @property
    @abstractmethod
    def rank(self) -> int:
        """How many directions it has; 0 where it is not made of any."""

    def tensors(self) -> dict[str, Tensor]:
        """The tensors that it is made of, by name."""
        found: dict[str, Tensor] = {}
        for name, value in self.parts().items():
            if isinstance(value, Tensor):
                found[name] = value
            elif isinstance(value, Change):
                found |= value.tensors()
        return found

    def to(self, device: torch.device) -> Self:
        """The same change with its tensors on a device."""
        moved = {
            name: part.to(device) if isinstance(part, Tensor | Change) else part for name, part in self.parts().items()
        }
        return type(self)(**moved)

    def parts(self) -> dict[str, Any]:
        """Its fields that are given, by name."""
        values = {item.name: getattr(self, item.name) for item in fields(self)}  # type: ignore[arg-type]
        return {name: value for name, value in values.items() if value is not None}


def wide(tensor: Tensor, weight: Tensor) -> Tensor:
    """A tensor in float32, where a weight lies."""
    return tensor.to(weight.device, torch.float32)


def shapes(*tensors: Tensor) -> str:
    """The shapes of tensors, for a sentence."""
    return " and ".join(str(list(tensor.shape)) for tensor in tensors)


def mismatch(made: Sequence[int], shape: Sequence[int]) -> str:
    """Why a change of the shape `made` cannot change a weight of another; "" when it can.

    A convolution of one pixel and a matrix count as one: models have either. So do a convolution and a matrix of its
    flattened kernels.
    """
    fits = len(made) > 0 and made[0] == shape[0] and math.prod(made) == math.prod(shape)
    fits = fits and (len(made) < 3 or len(shape) == 1 or made[1] == shape[1])
    return "" if fits else f"it is for a layer of the shape {list(made)}, and this one has {list(shape)}"
