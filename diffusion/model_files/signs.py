"""Signs by which a set of tensors is known: that one is there, or how long one of its sides is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from diffusion.families.family import Shapes


@dataclass(frozen=True)
class Sign:
    """A tensor of this name is there, and, where `length` is given, its side `axis` is that long."""

    name: str
    axis: int = 0
    length: int | None = None

    def is_in(self, shapes: Shapes) -> bool:
        """Whether the tensors show this sign."""
        shape = shapes.get(self.name)
        if shape is None or self.length is None:
            return shape is not None
        return -len(shape) <= self.axis < len(shape) and shape[self.axis] == self.length


def all_in(signs: tuple[Sign, ...], shapes: Shapes) -> bool:
    """Whether the tensors show all of the signs."""
    return all(sign.is_in(shapes) for sign in signs)
