"""What stands in a weight's place looks like a tensor, costs nothing, and is widened only to be computed with."""

from __future__ import annotations

import pytest
import torch

from diffusion.stored.plain import Plain
from diffusion.stored.scaled import Scaled
from diffusion.stored.stand_in import StandIn


class Counted(Plain):
    """Counts how often it is widened."""

    times = 0

    def widen(self, dtype: torch.dtype) -> torch.Tensor:
        type(self).times += 1
        return super().widen(dtype)


def test_its_looks_are_those_of_the_wide_weight_and_cost_no_widening() -> None:
    Counted.times = 0
    made = StandIn(Counted(torch.zeros(3, 4, dtype=torch.float16)), torch.bfloat16)
    assert (made.dtype, tuple(made.shape), made.device.type) == (torch.bfloat16, (3, 4), "cpu")
    assert (made.numel(), made.dim(), made.is_floating_point(), made.requires_grad) == (12, 2, True, False)
    assert isinstance(made, torch.Tensor)
    assert "fp16" in repr(made)
    assert Counted.times == 0


def test_computing_with_it_computes_with_the_wide_weight() -> None:
    stored = Scaled(torch.arange(-6, 6, dtype=torch.int8).view(3, 4), torch.tensor([0.1, 0.2, 0.3]))
    wide, x = stored.widen(torch.float32), torch.randn(2, 4)
    made = StandIn(stored, torch.float32)
    assert torch.equal(torch.nn.functional.linear(x, made), torch.nn.functional.linear(x, wide))
    assert torch.equal(torch.cat([made.data, wide]), torch.cat([wide, wide]))
    assert type(made + 1) is torch.Tensor


def test_writing_to_it_is_an_error() -> None:
    made = StandIn(Plain(torch.ones(3, 4, dtype=torch.float16)), torch.float32)
    for write in (made.zero_, lambda: made.add_(1), lambda: made.copy_(torch.zeros(3, 4))):
        with pytest.raises(TypeError, match="cannot be written to"):
            write()
    other = torch.zeros(3, 4)
    assert torch.equal(other.copy_(made), torch.ones(3, 4)), "reading from it is none"
