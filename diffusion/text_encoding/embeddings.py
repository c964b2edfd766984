"""Embeddings (textual inversion, arXiv 2208.01618): vectors that stand in a prompt in the place of words.

A file has them under `emb_params`, or under any one name, or one tensor for each encoder under `clip_l`, `clip_g` and
`t5xxl`. Without such a name they are for every encoder whose words are as wide.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import torch

from diffusion.errors import DiffusionError
from diffusion.layouts.plan import LAYOUT_OF_ROLE
from diffusion.loading.refusals import recognised
from diffusion.loading.sources import read_file
from diffusion.weight_files.names import short, shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from torch import Tensor, nn

_ROLES = set(LAYOUT_OF_ROLE) - {"vae"}


@dataclass(frozen=True, eq=False)
class Embedding:
    """Vectors float32 [count, width], by the role of the encoder that they are for; "" for any that is as wide."""

    name: str
    vectors: Mapping[str, Tensor] = field(repr=False)

    def for_encoder(self, role: str, width: int) -> Tensor | None:
        """The vectors for an encoder whose words have this width; None where there are none."""
        found = self.vectors.get(role, self.vectors.get(""))
        return found if found is not None and found.shape[1] == width else None

    @property
    def widths(self) -> list[int]:
        """The widths of its vectors."""
        return sorted({int(tensor.shape[1]) for tensor in self.vectors.values()})


class Word(NamedTuple):
    """What `embedding:...` in a prompt means: vectors, None where they are left out, and what stands behind the name as
    plain text, such as a full stop."""

    embedding: Embedding | None
    rest: str = ""


def read_embedding(path: Path, name: str, *, override: Mapping[str, str] | None = None) -> Embedding:
    """The embedding of a file, called `name` in prompts. Raises DiffusionError for a file that is none, or damaged."""
    recognised(path, "embedding", "text", override)
    vectors: dict[str, Tensor] = {}
    for key, stored in read_file(path).weights.items():
        with torch.inference_mode(mode=False):
            tensor = stored.widen(torch.float32).clone()
        tensor = tensor.reshape(1, -1) if tensor.ndim == 1 else tensor
        if not torch.isfinite(tensor).all():
            raise DiffusionError(
                f"{short(path)} has values in {shown(key)} that are no numbers (NaN or infinite).",
                remedy="Download it again, or get another embedding.",
                input="text",
            )
        vectors[key if key in _ROLES else ""] = tensor
    return Embedding(name, vectors)


@contextmanager
def in_place_of_words(table: nn.Module, vectors: Sequence[tuple[int, int, Tensor]]) -> Iterator[None]:
    """While inside, the table of words gives vectors [width] at (row, place) of what it is asked."""
    if not vectors:
        yield
        return

    def put(_table: nn.Module, _asked: Any, found: Tensor) -> Tensor:
        made = found.clone()
        for row, place, vector in vectors:
            made[row, place] = vector.to(made)
        return made

    hook = table.register_forward_hook(put)
    try:
        yield
    finally:
        hook.remove()
