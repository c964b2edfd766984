"""Blocks of GGUF are widened bit for bit as the reference in PyPI's gguf does it."""

from __future__ import annotations

import gguf
import numpy as np
import pytest
import torch

from diffusion.stored.gguf import TYPES, Gguf
from tests.support.quantised_files import gguf_blocks

KINDS = list(TYPES)


def made(kind: str, *shape: int, seed: int = 0) -> tuple[Gguf, torch.Tensor]:
    """A stored weight, and the reference's float32 values."""
    weight = torch.randn(shape, generator=torch.Generator().manual_seed(seed)) * 0.05
    raw = gguf_blocks(weight.reshape(-1, TYPES[kind].values), kind, seed)
    wide = gguf.quants.dequantize(raw, gguf.GGMLQuantizationType[kind])
    return Gguf(torch.from_numpy(raw), kind, shape), torch.from_numpy(wide).view(shape)


def bits(tensor: torch.Tensor) -> torch.Tensor:
    return tensor.contiguous().view(torch.uint8)


@pytest.mark.parametrize("kind", KINDS)
def test_the_types_are_those_of_the_reference(kind: str) -> None:
    assert gguf.GGML_QUANT_SIZES[gguf.GGMLQuantizationType[kind]] == (TYPES[kind].values, TYPES[kind].size)


@pytest.mark.parametrize("wide", [torch.float32, torch.float16, torch.bfloat16])
@pytest.mark.parametrize("kind", KINDS)
def test_the_bits_are_those_of_the_reference_rounded_once(kind: str, wide: torch.dtype) -> None:
    stored, expected = made(kind, 48, 512)
    assert torch.equal(bits(stored.widen(wide)), bits(expected.to(wide)))


@pytest.mark.parametrize(("kind", "numbers"), [("Q4_0", 2), ("Q4_1", 4), ("Q5_0", 2), ("Q5_1", 4), ("Q8_0", 2)])
def test_any_bytes_mean_what_they_mean_to_the_reference(kind: str, numbers: int) -> None:
    """A quantiser leaves some out, such as -128; those of K-quants are random above."""
    raw = made(kind, 64, 256, seed=5)[0].blocks.numpy().copy()
    raw[:, numbers:] = np.random.default_rng(1).integers(0, 256, (len(raw), raw.shape[1] - numbers), dtype=np.uint8)
    expected = gguf.quants.dequantize(raw, gguf.GGMLQuantizationType[kind])
    got = Gguf(torch.from_numpy(raw), kind, (64, 256)).widen(torch.float32)
    assert torch.equal(bits(got), bits(torch.from_numpy(expected).view(64, 256)))


@pytest.mark.parametrize("kind", KINDS)
def test_rows_and_taken_rows_have_the_bits_of_the_whole(kind: str) -> None:
    stored, _ = made(kind, 48, 512)
    whole = stored.widen(torch.float32)
    part = stored.rows(16, 40)
    assert torch.equal(part.widen(torch.float32), whole[16:40])
    assert torch.equal(part.rows(2, 3).widen(torch.float32), whole[18:19])
    assert part.blocks.untyped_storage().data_ptr() == stored.blocks.untyped_storage().data_ptr()
    index = torch.tensor([47, 0, 47])
    assert torch.equal(stored.take(index).widen(torch.float32), whole[index])
    assert part.nbytes == stored.nbytes // 2


@pytest.mark.parametrize("shape", [(36, 64), (16, 16, 3, 3)])
@pytest.mark.parametrize("kind", ["Q8_0", "Q5_K"])
def test_rows_that_begin_inside_of_a_block_are_found(kind: str, shape: tuple[int, ...]) -> None:
    """A stream of blocks over rows of another width: files have convolutions in this way."""
    stored, expected = made(kind, *shape)
    assert torch.equal(stored.widen(torch.float32), expected)
    for start, end in ((0, 1), (1, 2), (3, 11), (5, shape[0])):
        assert torch.equal(stored.rows(start, end).widen(torch.float32), expected[start:end])
    assert torch.equal(stored.rows(5, 11).rows(2, 4).widen(torch.float32), expected[7:9])
    index = torch.tensor([9, 1])
    assert torch.equal(stored.take(index).widen(torch.float32), expected[index])
    assert torch.equal(stored.rows(3, 11).take(torch.tensor([2])).widen(torch.float32), expected[5:6])


def test_a_weight_larger_than_what_is_widened_at_a_time_has_no_seams() -> None:
    stored, expected = made("Q4_K", 1400, 512)
    assert torch.equal(stored.widen(torch.float32), expected)


def test_a_shape_of_as_many_values_is_only_another_view() -> None:
    stored, expected = made("Q8_0", 48, 64, 1, 1)
    assert torch.equal(stored.reshaped(48, 64).widen(torch.float32), expected.view(48, 64))
    assert stored.reshaped(48, 64).blocks is stored.blocks
