"""A stored weight, cut as a layout says. It stays stored wherever its form allows that."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from diffusion.layouts.cutting import cut
from diffusion.stored.plain import Plain

if TYPE_CHECKING:
    from diffusion.layouts.contract import Piece
    from diffusion.stored.contract import Stored


def cut_stored(piece: Piece, stored: Stored) -> Stored:
    """The weight of the module that the piece makes of this one of the file.

    Rows and shapes are views in every form. Halves swap and matrices turn in plain numbers only; a quantised weight is
    widened for that, of which a model has two or three at most.
    """
    if isinstance(stored, Plain):
        return Plain(cut(piece, stored.data))
    if piece.swap_halves or piece.transpose:
        return Plain(cut(piece, stored.widen(torch.float32)))
    if piece.rows:
        stored = stored.rows(*piece.rows)
    return stored.reshaped(*stored.shape[:2]) if piece.squeeze else stored
