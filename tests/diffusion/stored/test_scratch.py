"""Memory for a wide weight is used again inside of a model's call on a CPU, and given back at its end."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn

from diffusion.stored import scratch

CPU = torch.device("cpu")


class Asking(nn.Module):
    """A model whose call does what it is given."""

    def forward(self, work: Callable[[], Any]) -> Any:
        return work()


@pytest.fixture
def model() -> nn.Module:
    made = Asking()
    scratch.serve(made)
    return made


def place(count: int = 8) -> int:
    return scratch.empty((count,), torch.float32, CPU).data_ptr()


@torch.inference_mode()
def test_inside_of_a_call_memory_is_used_again_for_each_shape_and_type(model: nn.Module) -> None:
    def work() -> None:
        large = scratch.empty((16, 4), torch.float32, CPU)
        small = scratch.empty((3, 5), torch.bfloat16, CPU)
        assert small.data_ptr() == large.data_ptr()
        assert (large.shape, large.dtype, small.shape, small.dtype) == ((16, 4), torch.float32, (3, 5), torch.bfloat16)
        assert small.is_contiguous()

    model(work)


@torch.inference_mode()
def test_outside_of_a_call_and_while_gradients_are_recorded_each_is_new(model: nn.Module) -> None:
    first = scratch.empty((8,), torch.float32, CPU)
    assert first.data_ptr() != place()

    def work() -> None:
        with torch.inference_mode(mode=False), torch.enable_grad():
            kept = [scratch.empty((8,), torch.float32, CPU) for _ in range(2)]
        assert kept[0].data_ptr() != kept[1].data_ptr()

    model(work)


@pytest.mark.parametrize("fails", [False, True])
def test_it_is_given_back_when_the_call_ends_or_fails(
    model: nn.Module, monkeypatch: pytest.MonkeyPatch, fails: bool
) -> None:
    made: list[Any] = []
    empty = torch.empty

    def remembered(*arguments: Any, **settings: Any) -> torch.Tensor:
        tensor = empty(*arguments, **settings)
        made.append(weakref.ref(tensor))
        return tensor

    def work() -> None:
        for count in (4, 64, 8):
            place(count)
        if fails:
            raise KeyError("cancelled")

    monkeypatch.setattr(torch, "empty", remembered)
    with torch.inference_mode():
        if fails:
            with pytest.raises(KeyError, match="cancelled"):
                model(work)
        else:
            model(work)
    gc.collect()
    assert len(made) == 2, "the third fits into what is there"
    assert [reference() for reference in made] == [None, None]


@torch.inference_mode()
def test_a_model_inside_of_a_model_uses_that_of_the_outer_one(model: nn.Module) -> None:
    inner = Asking()
    scratch.serve(inner)

    def work() -> None:
        before = place()
        assert inner(place) == before
        assert place() == before, "the end of the inner call does not end it"

    model(work)


@torch.inference_mode()
def test_each_thread_has_its_own(model: nn.Module) -> None:
    places: list[int] = []

    def work() -> None:
        held = scratch.empty((8,), torch.float32, CPU)
        thread = threading.Thread(target=lambda: places.append(place()))
        thread.start()
        thread.join()
        places.append(held.data_ptr())

    model(work)
    assert places[0] != places[1]


def test_serving_a_model_twice_is_serving_it_once(model: nn.Module) -> None:
    before = (len(model._forward_pre_hooks), len(model._forward_hooks))
    scratch.serve(model)
    assert (len(model._forward_pre_hooks), len(model._forward_hooks)) == before == (1, 1)
