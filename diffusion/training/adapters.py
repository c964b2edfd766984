"""Trainable changes of layers, by kind: what they add to a layer's output, and the change that they come to.

They compute from a layer's input and never touch its weight, which may lie in few bits or belong to others. All are
kept in float32 and compute in the type of what comes in. Each starts as no change.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, Self

import torch
import torch.nn.functional as F  # noqa: N812 - torch's own habit
from torch import Tensor, nn

from diffusion.errors import DiffusionError
from diffusion.loras.changes import Change, LoHa, LoKr, LowRank, Oft

if TYPE_CHECKING:
    from torch import Generator

_STEEP = math.sqrt(5)  # the usual start of `down`
_UNTRAINED = ("mid", "t1", "t2", "rescale")
"""Parts of changes that files may have and that are not trained."""


class Adapter(nn.Module, ABC):
    """A trainable change of one layer. Its parameters bear the names of the parts of its change."""

    makes: type[Change]

    def __init__(self, alpha: float, **parts: Tensor) -> None:
        super().__init__()
        self.alpha = alpha
        for name, part in parts.items():
            self.register_parameter(name, nn.Parameter(part.detach().to(torch.float32, copy=True)))

    @classmethod
    @abstractmethod
    def fresh(cls, shape: tuple[int, ...], rank: int, alpha: float, generator: Generator) -> Self:
        """One that changes nothing yet, for a weight of this shape."""

    @classmethod
    def of(cls, change: Change) -> Self:
        """One that goes on from a change. Raises DiffusionError when it is of a form that is not trained here."""
        if type(change) is not cls.makes or set(_UNTRAINED) & change.parts().keys():
            raise _strange(change.kind)
        made = change.parts()
        parts = {name: part for name, part in made.items() if isinstance(part, Tensor)}
        return cls(float(made.get("alpha", 0.0)), **parts)

    def changed(self, layer: Any, given: Tensor, output: Tensor) -> Tensor:
        """The output of a layer with the change, from what it was given."""
        weight = self.change().delta(torch.empty(tuple(layer.weight.shape), device=given.device))
        return output + _applied(layer, given, weight.to(given.dtype))

    def change(self) -> Change:
        """The change that it comes to, over its parameters."""
        return self.makes(alpha=self.alpha, **dict(self.named_parameters()))


class LowRankAdapter(Adapter):
    """LoRA, and LoCon of convolutions: two small layers, one behind the other."""

    makes = LowRank
    down: Tensor
    up: Tensor

    @classmethod
    def fresh(cls, shape: tuple[int, ...], rank: int, alpha: float, generator: Generator) -> Self:
        """`down` at random, `up` zero."""
        down = torch.empty(rank, *shape[1:])
        nn.init.kaiming_uniform_(down, a=_STEEP, generator=generator)
        return cls(alpha, down=down, up=torch.zeros(shape[0], rank, *([1] * (len(shape) - 2))))

    def changed(self, layer: Any, given: Tensor, output: Tensor) -> Tensor:
        """The output of a layer with the change."""
        down, up = self.down.to(given.dtype), self.up.to(given.dtype)
        inner = _applied(layer, given, down)
        if (scale := self.alpha / down.shape[0]) != 1.0:
            inner = inner * scale
        return output + (F.linear(inner, up) if up.ndim == 2 else F.conv2d(inner, up))


class LoHaAdapter(Adapter):
    """The product of two products, value by value."""

    makes = LoHa

    @classmethod
    def fresh(cls, shape: tuple[int, ...], rank: int, alpha: float, generator: Generator) -> Self:
        """One of the four zero, the others as LyCORIS starts them."""
        width = math.prod(shape[1:])
        return cls(
            alpha,
            w1a=torch.randn(shape[0], rank, generator=generator) * 0.1,
            w1b=torch.randn(rank, width, generator=generator),
            w2a=torch.zeros(shape[0], rank),
            w2b=torch.randn(rank, width, generator=generator),
        )


class LoKrAdapter(Adapter):
    """A small matrix by which a larger one is repeated; the larger one is a product where that has fewer numbers."""

    makes = LoKr

    @classmethod
    def fresh(cls, shape: tuple[int, ...], rank: int, alpha: float, generator: Generator) -> Self:
        """The last factor zero."""
        rows, columns = _near_root(shape[0]), _near_root(shape[1])
        high, wide = shape[0] // rows, math.prod(shape[1:]) // columns
        first = torch.empty(rows, columns)
        nn.init.kaiming_uniform_(first, a=_STEEP, generator=generator)
        # A product with a kernel needs a core of its own (CP); whole, it is small already.
        if len(shape) > 2 or rank * (high + wide) >= high * wide:
            return cls(alpha, w1=first, w2=torch.zeros(high, shape[1] // columns, *shape[2:]))
        second = torch.empty(high, rank)
        nn.init.kaiming_uniform_(second, a=_STEEP, generator=generator)
        return cls(alpha, w1=first, w2a=second, w2b=torch.zeros(rank, wide))


class OftAdapter(Adapter):
    """The outputs, turned block by block. `rank` is the most that a block is high; `alpha` bounds nothing here."""

    makes = Oft
    blocks: Tensor

    @classmethod
    def fresh(cls, shape: tuple[int, ...], rank: int, alpha: float, generator: Generator) -> Self:  # noqa: ARG003
        """No turn."""
        size = max(each for each in range(1, rank + 1) if shape[0] % each == 0)
        return cls(alpha, blocks=torch.zeros(shape[0] // size, size, size))

    def changed(self, layer: Any, given: Tensor, output: Tensor) -> Tensor:  # noqa: ARG002 - turns the output
        """The output of a layer with the change; its bias is not turned."""
        over = 1 if output.ndim == 4 and isinstance(layer, nn.Conv2d) else -1
        out = output.movedim(over, -1)
        bias = None if layer.bias is None else layer.bias.to(out.dtype)
        bare = out if bias is None else out - bias
        count, size, _ = self.blocks.shape
        turn = self.change().turn().to(out.dtype)  # type: ignore[attr-defined]
        turned = torch.einsum("...kn,knm->...km", bare.unflatten(-1, (count, size)), turn).flatten(-2)
        return (turned if bias is None else turned + bias).movedim(-1, over)

    def change(self) -> Change:
        """The change that it comes to."""
        return Oft(self.blocks)


ADAPTERS: dict[str, type[Adapter]] = {
    "LoRA": LowRankAdapter,
    "LoHa": LoHaAdapter,
    "LoKr": LoKrAdapter,
    "OFT": OftAdapter,
}
"""The kinds by the names that the field's node gives them."""


def going_on(change: Change) -> Adapter:
    """An adapter that goes on from a change of any kind that is trained here; raises DiffusionError for another."""
    for kind in ADAPTERS.values():
        if type(change) is kind.makes:
            return kind.of(change)
    raise _strange(change.kind)


def attach(layer: nn.Module, adapter: Adapter) -> None:
    """Makes a layer of a private copy give what it gives with the change."""

    def hook(_: nn.Module, given: tuple[Tensor, ...], output: Tensor) -> Tensor:
        return adapter.changed(layer, given[0], output)

    layer.register_forward_hook(hook)


def _applied(layer: Any, given: Tensor, weight: Tensor) -> Tensor:
    """What a layer would give with another weight, and without its bias."""
    made: Tensor = layer._conv_forward(given, weight, None) if isinstance(layer, nn.Conv2d) else F.linear(given, weight)
    return made


def _near_root(number: int) -> int:
    """Its divisor next to its square root from below."""
    return max(each for each in range(1, math.isqrt(number) + 1) if number % each == 0)


def _strange(kind: str) -> DiffusionError:
    return DiffusionError(
        f"The LoRA to go on from has changes of the kind {kind!r}, in a form that is not trained here.",
        remedy=f"Go on from one of {', '.join(ADAPTERS)}, or train a new one.",
        input="existing_lora",
    )
