"""Tables of rows, run backwards: from a module's tensors to those of a file, so that tests can write files."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import torch

from diffusion.layouts.rows import Row, expand

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from torch import Tensor


def run_backwards(rows: Iterable[Row], tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The file's tensors from which `rows` make these of the module. Each tensor has a place; of two the first."""
    parts: dict[str, list[tuple[int, Tensor]]] = defaultdict(list)
    # A row that is turned around makes the file's name of the module's, once for each tensor of the module.
    placed: set[str] = set()
    for row in rows:
        turned = Row(row.target, row.source)
        for piece in expand([turned], tensors.keys() - placed):
            placed.add(piece.source)
            tensor = tensors[piece.source]
            if row.squeeze:
                tensor = tensor[:, :, None, None]
            if row.transpose:
                tensor = tensor.t()
            if row.swap_halves:
                tensor = torch.cat(tensor.chunk(2)[::-1])
            parts[piece.target].append((row.rows[0] if row.rows else 0, tensor))
    if lost := tensors.keys() - placed:
        raise AssertionError(f"no row leads to {sorted(lost)[:3]}")
    return {
        name: torch.cat([tensor for _, tensor in sorted(found, key=lambda part: part[0])]).contiguous()
        for name, found in parts.items()
    }
