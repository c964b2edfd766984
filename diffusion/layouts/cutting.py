"""A piece cut out of a plain tensor. A view of it wherever that is possible, so that no weight is copied."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

    from diffusion.layouts.contract import Piece


def cut(piece: Piece, tensor: Tensor) -> Tensor:
    """The tensor of the module that the piece makes of this one of the file.

    What swaps its halves is copied. What turns is copied, too: how rows lie changes the last bits of products.
    """
    if piece.rows:
        tensor = tensor[piece.rows[0] : piece.rows[1]]
    if piece.swap_halves:
        half = tensor.shape[0] // 2
        tensor = tensor.roll(half, dims=0)
    if piece.transpose:
        tensor = tensor.t().contiguous()
    return tensor[:, :, 0, 0] if piece.squeeze else tensor
