"""The blocks of 32 values of GGUF: a scale in float16, for some types the least value, and 4, 5 or 8 bits a value.

Each function writes the values of blocks (uint8 [count, bytes of a block]) into float32 [count, 32], and does the
float32 arithmetic of the format's reference in its order. Whole numbers are put together as bytes, and made float32
once: copies of short rows are what takes time.
"""

from __future__ import annotations

import torch
from torch import Tensor


def half(blocks: Tensor, at: int) -> Tensor:
    """The float16 number at a byte of each block, as float32 [count, 1]."""
    raw = blocks[:, at : at + 2].clone(memory_format=torch.contiguous_format)
    return raw.view(torch.float16).to(torch.float32)


def nibbles(packed: Tensor, size: int) -> Tensor:
    """Four bits a value, uint8 [count, values]: each `size` bytes hold as many values in their low halves, then as
    many in their high ones."""
    rows = packed.reshape(len(packed), -1, 1, size)
    return torch.cat([rows & 15, rows >> 4], dim=2).view(len(packed), -1)


def q4_0(blocks: Tensor, wide: Tensor) -> None:
    """18 bytes: scale, 4 bits a value, counted from -8."""
    wide.copy_(nibbles(blocks[:, 2:18], 16)).sub_(8.0).mul_(half(blocks, 0))


def q4_1(blocks: Tensor, wide: Tensor) -> None:
    """20 bytes: scale, least value, 4 bits a value."""
    wide.copy_(nibbles(blocks[:, 4:20], 16)).mul_(half(blocks, 0)).add_(half(blocks, 2))


def q5_0(blocks: Tensor, wide: Tensor) -> None:
    """22 bytes: scale, fifth bits, 4 bits a value, counted from -16."""
    wide.copy_(nibbles(blocks[:, 6:22], 16)).add_(_fifth_bits(blocks[:, 2:6]), alpha=16)
    wide.sub_(16.0).mul_(half(blocks, 0))


def q5_1(blocks: Tensor, wide: Tensor) -> None:
    """24 bytes: scale, least value, fifth bits, 4 bits a value."""
    wide.copy_(nibbles(blocks[:, 8:24], 16)).add_(_fifth_bits(blocks[:, 4:8]), alpha=16)
    wide.mul_(half(blocks, 0)).add_(half(blocks, 2))


def q8_0(blocks: Tensor, wide: Tensor) -> None:
    """34 bytes: scale, 8 bits a value."""
    wide.copy_(blocks[:, 2:34].view(torch.int8)).mul_(half(blocks, 0))


def _fifth_bits(packed: Tensor) -> Tensor:
    """One bit a value, int32 [count, 32], the lowest first."""
    word = packed.clone(memory_format=torch.contiguous_format).view(torch.int32)
    return (word >> torch.arange(32, dtype=torch.int32, device=word.device)).bitwise_and_(1)
