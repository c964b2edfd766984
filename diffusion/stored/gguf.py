"""A weight in blocks of GGUF: Q4_0 to Q8_0 and the K-quants.

The blocks are one stream over the weight's values in the order of memory. As a rule each row is made of whole blocks;
where its width is no multiple of the block, files hold the stream all the same, and tell the shape beside it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from diffusion.stored import gguf_blocks, gguf_k_blocks
from diffusion.stored.contract import Stored, check_rows, check_shape, pieces


class BlockType(NamedTuple):
    """How many values a block has and in how many bytes, and what writes the values of blocks (uint8 [count, size])
    into a float32 tensor [count, values]."""

    values: int
    size: int
    unpack: Callable[[Tensor, Tensor], None]


TYPES = {
    "Q4_0": BlockType(32, 18, gguf_blocks.q4_0),
    "Q4_1": BlockType(32, 20, gguf_blocks.q4_1),
    "Q5_0": BlockType(32, 22, gguf_blocks.q5_0),
    "Q5_1": BlockType(32, 24, gguf_blocks.q5_1),
    "Q8_0": BlockType(32, 34, gguf_blocks.q8_0),
    "Q2_K": BlockType(256, 84, gguf_k_blocks.q2_k),
    "Q3_K": BlockType(256, 110, gguf_k_blocks.q3_k),
    "Q4_K": BlockType(256, 144, gguf_k_blocks.q4_k),
    "Q5_K": BlockType(256, 176, gguf_k_blocks.q5_k),
    "Q6_K": BlockType(256, 210, gguf_k_blocks.q6_k),
}
"""The types that can be widened, by the name that GGUF gives them."""


@dataclass(frozen=True, eq=False)
class Gguf(Stored):
    """The values are those of `blocks` (uint8 [count, size of a block]) from the value number `skip` on."""

    blocks: Tensor
    type: str
    logical: tuple[int, ...]
    """The shape."""
    skip: int = 0
    """Values of the first block that belong to rows above: less than a block has."""

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape that counts for the model."""
        return self.logical

    @property
    def format(self) -> str:
        """How it is stored."""
        return self.type

    def tensors(self) -> dict[str, Tensor]:
        """The tensors that it consists of."""
        return {"blocks": self.blocks}

    def with_tensors(self, tensors: Mapping[str, Tensor]) -> Gguf:
        """The same weight with its tensors elsewhere."""
        return Gguf(tensors["blocks"], self.type, self.logical, self.skip)

    def fill(self, wide: Tensor) -> None:
        """Writes it wide."""
        values, _, unpack = TYPES[self.type]
        is_whole = wide.numel() == len(self.blocks) * values
        whole = wide if is_whole else wide.new_empty(len(self.blocks) * values)
        targets = whole.view(-1, values)
        for start, end in pieces(len(self.blocks), values, self.device):
            target = targets[start:end]
            piece = target if wide.dtype == torch.float32 else torch.empty_like(target, dtype=torch.float32)
            unpack(self.blocks[start:end], piece)
            if piece is not target:
                target.copy_(piece)
        if not is_whole:
            wide.view(-1).copy_(whole[self.skip : self.skip + wide.numel()])

    def rows(self, start: int, end: int) -> Gguf:
        """Some rows over the same memory."""
        check_rows(start, end, self.logical)
        values, width = TYPES[self.type].values, math.prod(self.logical[1:])
        first, skip = divmod(self.skip + start * width, values)
        last = -(-(self.skip + end * width) // values)
        return Gguf(self.blocks[first:last], self.type, (end - start, *self.logical[1:]), skip)

    def take(self, index: Tensor) -> Stored:
        """The rows of `index`. Where rows are not made of whole blocks, this widens them all to float32."""
        values, width = TYPES[self.type].values, math.prod(self.logical[1:])
        shape = (len(index), *self.logical[1:])
        if width % values or self.skip:
            from diffusion.stored.plain import Plain

            return Plain(self.widen(torch.float32)[index])
        by_row = self.blocks.view(self.logical[0], -1)
        return Gguf(by_row[index].view(-1, self.blocks.shape[1]), self.type, shape)

    def reshaped(self, *shape: int) -> Gguf:
        """The same values in another shape."""
        check_shape(shape, self.logical)
        return Gguf(self.blocks, self.type, shape, self.skip)
