"""The blocks of 32 values of GGUF: a scale in float16, for some types the least value, and 4, 5 or 8 bits a value.

Each function writes the values of blocks (uint8 [count, bytes of a block]) into float32 [count, 32], and does the
float32 arithmetic of the format's reference in its order. In types of 4 and 5 bits a byte holds the values number n
(low) and n + 16 (high).
"""

from __future__ import annotations

import torch
from torch import Tensor


def half(blocks: Tensor, at: int) -> Tensor:
    """The float16 number at a byte of each block, as float32 [count, 1]."""
    raw = blocks[:, at : at + 2].clone(memory_format=torch.contiguous_format)
    return raw.view(torch.float16).to(torch.float32)


def q4_0(blocks: Tensor, wide: Tensor) -> None:
    """18 bytes: scale, 4 bits a value, counted from -8."""
    _nibbles(blocks[:, 2:18], wide)
    wide.sub_(8.0).mul_(half(blocks, 0))


def q4_1(blocks: Tensor, wide: Tensor) -> None:
    """20 bytes: scale, least value, 4 bits a value."""
    _nibbles(blocks[:, 4:20], wide)
    wide.mul_(half(blocks, 0)).add_(half(blocks, 2))


def q5_0(blocks: Tensor, wide: Tensor) -> None:
    """22 bytes: scale, fifth bits, 4 bits a value, counted from -16."""
    _nibbles(blocks[:, 6:22], wide)
    _fifth_bits(blocks[:, 2:6], wide)
    wide.sub_(16.0).mul_(half(blocks, 0))


def q5_1(blocks: Tensor, wide: Tensor) -> None:
    """24 bytes: scale, least value, fifth bits, 4 bits a value."""
    _nibbles(blocks[:, 8:24], wide)
    _fifth_bits(blocks[:, 4:8], wide)
    wide.mul_(half(blocks, 0)).add_(half(blocks, 2))


def q8_0(blocks: Tensor, wide: Tensor) -> None:
    """34 bytes: scale, 8 bits a value."""
    wide.copy_(blocks[:, 2:34].view(torch.int8))
    wide.mul_(half(blocks, 0))


def _nibbles(packed: Tensor, wide: Tensor) -> None:
    wide[:, :16] = packed & 15
    wide[:, 16:] = packed >> 4


def _fifth_bits(packed: Tensor, wide: Tensor) -> None:
    """Adds 16 to the values whose bit is set: bit b of byte n is that of the value 8 n + b."""
    by_byte = wide.view(-1, 4, 8)
    for bit in range(8):
        by_byte[:, :, bit] += ((packed >> bit) & 1) << 4
