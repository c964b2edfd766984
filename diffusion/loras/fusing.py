"""From the layers of our modules to those of the original networks, where several of ours may be one."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, TypeAlias

import torch

from diffusion.layouts import flux, sd3, unet_blocks
from diffusion.layouts.rows import origins
from diffusion.layouts.unet_blocks import Blocks
from diffusion.loras.changes import LowRank
from diffusion.loras.parts import BIAS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from diffusion.layouts.contract import Piece
    from diffusion.layouts.rows import Row
    from diffusion.loras.contract import Change

_BLOCKS = {"sdxl": Blocks(3, 2, frozenset(range(6))), "sdxl_refiner": Blocks(4, 2, frozenset(range(3, 9)))}
"""The families whose UNets kohya names as the LDM layout does, with the shape of these."""
_WEIGHT = ".weight"
_NUMBER = re.compile(r"(?<=_blocks\.)\d+")
_THIRDS = ("to_q", "to_k", "to_v", "add_q_proj", "add_k_proj", "add_v_proj")
_FOUR_TIMES = "proj_mlp"

Layer: TypeAlias = "tuple[str, bool, Change]"
"""A name, whether it is of the network as kohya knows it, and the change."""


def original_layers(changes: Mapping[str, Change], family: str) -> list[Layer]:
    """The changes of a denoiser by the names of the original network.

    What has no place there keeps its own name; of SD1 and SD2, whose names kohya takes from diffusers, everything does.
    """
    rows = list(_rows(changes, family))
    known = family not in ("sd3", "flux")  # a UNet's own names are known everywhere; a transformer's are not
    if not rows:
        return [(path, known, change) for path, change in changes.items()]
    pieces = {
        piece.target.removesuffix(_WEIGHT): piece
        for piece in origins(rows, [f"{path.removesuffix(BIAS)}{_WEIGHT}" for path in changes])
    }
    heights = _heights(rows)
    found: list[Layer] = []
    together: dict[str, list[tuple[Piece, LowRank]]] = defaultdict(list)
    for path, change in changes.items():
        piece = pieces.get(path.removesuffix(BIAS))
        is_part = piece is not None and (piece.rows is not None or piece.swap_halves)
        if piece is None or (is_part and not _can_fuse(change)):
            found.append((path, known, change))
        elif is_part and isinstance(change, LowRank):
            together[piece.source.removesuffix(_WEIGHT)].append((piece, change))
        else:
            leaf = BIAS if path.endswith(BIAS) else ""
            found.append((piece.source.removesuffix(_WEIGHT) + leaf, True, change))
    for source, members in together.items():
        found.append((source, True, _fused(source, members, heights)))
    return found


def _rows(changes: Mapping[str, Change], family: str) -> Iterable[Row]:
    if family in _BLOCKS:
        return unet_blocks.rows(_BLOCKS[family])
    if family == "flux":
        return flux.rows(_width(changes))
    if family == "sd3":
        # One layer of the last block has its halves swapped; which block that is, a LoRA does not tell. So the depth
        # is not said, and this layer keeps its own name in every block.
        return sd3.rows(_width(changes), 0)
    return ()


def _width(changes: Mapping[str, Change]) -> int:
    """The width of a transformer, as the outputs of its attention tell; 1 where no layer is there that needs it."""
    for path, change in changes.items():
        leaf = path.rpartition(".")[2]
        if isinstance(change, LowRank) and leaf in (*_THIRDS, _FOUR_TIMES):
            return int(change.up.shape[0]) // (4 if leaf == _FOUR_TIMES else 1)
    return 1


def _heights(rows: Iterable[Row]) -> dict[str, int]:
    """How many rows the weights have that are several of ours, by the patterns of their names."""
    found: dict[str, int] = defaultdict(int)
    for row in rows:
        if row.rows is not None:
            name = row.source.removesuffix(".*")
            found[name] = max(found[name], row.rows[1])
    return found


def _can_fuse(change: Change) -> bool:
    return isinstance(change, LowRank) and change.mid is None and change.up.ndim == 2


def _fused(name: str, members: list[tuple[Piece, LowRank]], heights: Mapping[str, int]) -> LowRank:
    """One change whose rows are those of the members; rows of layers that do not change stay 0.

    Members with one `down` in common, as a file of the original network gives them, keep it; others are laid beside
    each other, so the rank is the sum of theirs.
    """
    first = members[0][1]
    height = heights.get(_NUMBER.sub("{i}", name), first.up.shape[0])
    is_shared = all(change.alpha == first.alpha and torch.equal(change.down, first.down) for _, change in members)
    ranks = [0] if is_shared else [change.rank for _, change in members]
    up = torch.zeros(height, first.rank if is_shared else sum(ranks), dtype=first.up.dtype)
    start = 0
    for piece, change in members:
        part = change.up if is_shared else (change.up.to(torch.float32) * (change.alpha / change.rank)).to(up.dtype)
        part = part.roll(len(part) // 2, dims=0) if piece.swap_halves else part
        top = piece.rows[0] if piece.rows else 0
        up[top : top + len(part), start : start + change.rank] = part
        start += 0 if is_shared else change.rank
    if is_shared:
        return LowRank(first.down, up, first.alpha)
    return LowRank(torch.cat([change.down.to(first.down.dtype) for _, change in members]), up, float(sum(ranks)))
