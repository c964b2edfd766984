"""The K-quants of GGUF: blocks of 256 values in 8 or 16 parts, with scales of the parts that are packed, too.

Each function writes the values of blocks (uint8 [count, bytes of a block]) into float32 [count, 256], and does the
float32 arithmetic of the format's reference in its order.
"""

from __future__ import annotations

import torch
from torch import Tensor

from diffusion.stored.gguf_blocks import half, nibbles


def q2_k(blocks: Tensor, wide: Tensor) -> None:
    """16 parts. Scales and least values of 4 bits: bytes 0 to 16; 2 bits a value: to 80; their scales."""
    scales, parts = blocks[:, :16], wide.view(-1, 16, 16)
    wide.copy_(_pairs(blocks[:, 16:80]))
    parts.mul_((half(blocks, 80) * (scales & 15)).unsqueeze(-1))
    parts.sub_((half(blocks, 82) * (scales >> 4)).unsqueeze(-1))


def q3_k(blocks: Tensor, wide: Tensor) -> None:
    """16 parts. Third bits: bytes 0 to 32; 2 bits a value: to 96; scales of 6 bits: to 108; their scale."""
    wide.copy_(_pairs(blocks[:, 32:96]).bitwise_or_(_single_bits(blocks[:, :32]) << 2)).sub_(4.0)
    first, rest = blocks[:, 96:104], blocks[:, 104:108]
    high = torch.cat([rest, rest >> 2, rest >> 4, rest >> 6], dim=1) & 3
    scales = torch.cat([first & 15, first >> 4], dim=1) | (high << 4)
    scale = half(blocks, 108) * (scales.to(torch.float32) - 32.0)
    wide.view(-1, 16, 16).mul_(scale.unsqueeze(-1))


def q4_k(blocks: Tensor, wide: Tensor) -> None:
    """8 parts. Two scales; scales and least values of 6 bits: bytes 4 to 16; 4 bits a value."""
    wide.copy_(nibbles(blocks[:, 16:144], 32))
    _scale_parts(blocks, wide)


def q5_k(blocks: Tensor, wide: Tensor) -> None:
    """As Q4_K, with the fifth bits in the bytes 16 to 48."""
    wide.copy_(nibbles(blocks[:, 48:176], 32).bitwise_or_(_single_bits(blocks[:, 16:48]) << 4))
    _scale_parts(blocks, wide)


def q6_k(blocks: Tensor, wide: Tensor) -> None:
    """16 parts. 4 bits a value: bytes 0 to 128; 2 bits more: to 192; scales of 8 bits: to 208; their scale."""
    low, high = nibbles(blocks[:, :128], 64), _pairs(blocks[:, 128:192])
    wide.copy_(low.bitwise_or_(high << 4)).sub_(32.0)
    scale = half(blocks, 208) * blocks[:, 192:208].view(torch.int8)
    wide.view(-1, 16, 16).mul_(scale.unsqueeze(-1))


def _pairs(packed: Tensor) -> Tensor:
    """Two bits a value, uint8 [count, 256]: each 32 bytes hold 32 values in their lowest bits, then 32 in the next."""
    rows = packed.reshape(len(packed), -1, 1, 32)
    return torch.cat([rows, rows >> 2, rows >> 4, rows >> 6], dim=2).bitwise_and_(3).view(len(packed), 256)


def _single_bits(packed: Tensor) -> Tensor:
    """One bit a value, uint8 [count, 256]: 32 bytes hold 32 values in their lowest bits, then 32 in the next."""
    rows = packed.reshape(len(packed), 1, 32)
    return torch.cat([rows >> bit for bit in range(8)], dim=1).bitwise_and_(1).view(len(packed), 256)


def _scale_parts(blocks: Tensor, wide: Tensor) -> None:
    """Scale and least value of 8 parts: of the first four they are the low six bits of bytes 4 to 12, of the others
    the halves of bytes 12 to 16, with the two bits that are left above in bytes 4 to 12."""
    first, second, rest = blocks[:, 4:8], blocks[:, 8:12], blocks[:, 12:16]
    scales = torch.cat([first & 63, (rest & 15) | ((first >> 2) & 48)], dim=1)
    least = torch.cat([second & 63, (rest >> 4) | ((second >> 2) & 48)], dim=1)
    parts = wide.view(-1, 8, 32)
    parts.mul_((half(blocks, 0) * scales).unsqueeze(-1))
    parts.sub_((half(blocks, 2) * least).unsqueeze(-1))
