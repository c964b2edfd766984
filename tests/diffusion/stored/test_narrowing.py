"""Weights held in eight bits because a person chose so."""

from __future__ import annotations

import pytest
import torch

from diffusion.stored.narrowing import FP8, narrowed
from diffusion.stored.plain import Plain


@pytest.mark.parametrize("name", FP8)
def test_a_matrix_is_rounded_to_eight_bits(name: str) -> None:
    matrix = torch.randn(8, 16, generator=torch.Generator().manual_seed(1)).half()
    held = narrowed(Plain(matrix), FP8[name])
    assert held.nbytes == matrix.nbytes // 2
    assert torch.equal(held.widen(torch.float32), matrix.float().to(FP8[name]).float())


@pytest.mark.parametrize("name", FP8)
def test_numbers_beyond_the_range_become_the_largest(name: str) -> None:
    held = narrowed(Plain(torch.tensor([[1e6, -1e6]])), FP8[name])
    most = torch.finfo(FP8[name]).max
    assert held.widen(torch.float32).tolist() == [[most, -most]]


def test_vectors_and_what_is_small_already_stay_as_they_are() -> None:
    for stored in (Plain(torch.ones(4)), Plain(torch.ones(4, 4).to(torch.float8_e5m2))):
        assert narrowed(stored, torch.float8_e4m3fn) is stored
