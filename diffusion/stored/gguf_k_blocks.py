"""The K-quants of GGUF: blocks of 256 values in 8 or 16 parts, with scales of the parts that are packed, too.

Each function writes the values of blocks (uint8 [count, bytes of a block]) into float32 [count, 256], and does the
float32 arithmetic of the format's reference in its order.
"""

from __future__ import annotations

import torch
from torch import Tensor

from diffusion.stored.gguf_blocks import half


def q2_k(blocks: Tensor, wide: Tensor) -> None:
    """16 parts. Scales and least values of 4 bits: bytes 0 to 16; 2 bits a value: to 80; their scales."""
    scales, packed, parts = blocks[:, :16], blocks[:, 16:80], wide.view(-1, 16, 16)
    eighths = wide.view(-1, 8, 32)
    for part in range(8):  # 32 bytes hold four times 32 values
        eighths[:, part] = (_row(packed, part // 4) >> (2 * (part % 4))) & 3
    parts.mul_((half(blocks, 80) * (scales & 15)).unsqueeze(-1))
    parts.sub_((half(blocks, 82) * (scales >> 4)).unsqueeze(-1))


def q3_k(blocks: Tensor, wide: Tensor) -> None:
    """16 parts. Third bits: bytes 0 to 32; 2 bits a value: to 96; scales of 6 bits: to 108; their scale."""
    high, packed, raw = blocks[:, :32], blocks[:, 32:96], blocks[:, 96:108]
    eighths = wide.view(-1, 8, 32)
    for part in range(8):
        low = (_row(packed, part // 4) >> (2 * (part % 4))) & 3
        eighths[:, part] = low + (((high >> part) & 1) << 2)
    wide.sub_(4.0)
    scales = torch.empty(len(blocks), 16, dtype=torch.float32, device=blocks.device)
    for four in range(4):  # low four bits: of 0 to 7 in low halves, of 8 to 15 in high ones; high two bits: by fours
        low = (raw[:, 4 * (four % 2) : 4 * (four % 2) + 4] >> (4 * (four // 2))) & 15
        scales[:, 4 * four : 4 * four + 4] = low | (((raw[:, 8:12] >> (2 * four)) & 3) << 4)
    scales.sub_(32.0).mul_(half(blocks, 108))
    wide.view(-1, 16, 16).mul_(scales.unsqueeze(-1))


def q4_k(blocks: Tensor, wide: Tensor) -> None:
    """8 parts. Two scales; scales and least values of 6 bits: bytes 4 to 16; 4 bits a value."""
    _four_bits(blocks[:, 16:144], wide)
    _scale_parts(blocks, wide)


def q5_k(blocks: Tensor, wide: Tensor) -> None:
    """As Q4_K, with the fifth bits in the bytes 16 to 48."""
    high, eighths = blocks[:, 16:48], wide.view(-1, 8, 32)
    _four_bits(blocks[:, 48:176], wide)
    for part in range(8):
        eighths[:, part] += ((high >> part) & 1) << 4
    _scale_parts(blocks, wide)


def q6_k(blocks: Tensor, wide: Tensor) -> None:
    """16 parts. 4 bits a value: bytes 0 to 128; 2 bits more: to 192; scales of 8 bits: to 208; their scale."""
    low, high, eighths = blocks[:, :128], blocks[:, 128:192], wide.view(-1, 8, 32)
    for part in range(8):
        side, quarter = divmod(part, 4)
        nibbles = (_row(low, 2 * side + quarter % 2) >> (4 * (quarter // 2))) & 15
        eighths[:, part] = nibbles | (((_row(high, side) >> (2 * quarter)) & 3) << 4)
    wide.sub_(32.0)
    scales = blocks[:, 192:208].view(torch.int8) * half(blocks, 208)
    wide.view(-1, 16, 16).mul_(scales.unsqueeze(-1))


def _row(packed: Tensor, number: int) -> Tensor:
    """The 32 bytes number 0, 1, 2, ... of each block."""
    return packed[:, 32 * number : 32 * number + 32]


def _four_bits(packed: Tensor, wide: Tensor) -> None:
    """Each 32 bytes hold the values of two parts, the first in their low halves."""
    pairs, raw = wide.view(-1, 4, 2, 32), packed.unflatten(1, (4, 32))
    pairs[:, :, 0] = raw & 15
    pairs[:, :, 1] = raw >> 4


def _scale_parts(blocks: Tensor, wide: Tensor) -> None:
    """Scale and least value of 8 parts: of the first four they are the low six bits of bytes 4 to 12, of the others
    the halves of bytes 12 to 16, with the two bits that are left above in bytes 4 to 12."""
    first, second, rest = blocks[:, 4:8], blocks[:, 8:12], blocks[:, 12:16]
    scales = torch.cat([first & 63, (rest & 15) | ((first >> 2) & 48)], dim=1)
    least = torch.cat([second & 63, (rest >> 4) | ((second >> 2) & 48)], dim=1)
    parts = wide.view(-1, 8, 32)
    parts.mul_((half(blocks, 0) * scales).unsqueeze(-1))
    parts.sub_((half(blocks, 2) * least).unsqueeze(-1))
