"""What a layout says: which tensor of a file becomes which tensor of a module, and the module's configuration.

A layout is a module of this folder with three functions over names and shapes. They never see weights, so that a file
of any size is mapped in milliseconds, and a weight can stay in whatever form it is stored in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

Shapes: TypeAlias = Mapping[str, tuple[int, ...]]
"""Names of tensors and their shapes as they count for the network: of packed values the unpacked shape."""


@dataclass(frozen=True, slots=True)
class Piece:
    """The module's tensor `target` is made of the file's tensor `source`, in this order of steps:

    `rows`: only these, from the first to before the last. `swap_halves`: the two halves of the rows change places.
    `transpose`: of a matrix. `squeeze`: a convolution of one pixel [out, in, 1, 1] becomes a matrix [out, in].
    """

    target: str
    source: str
    rows: tuple[int, int] | None = None
    swap_halves: bool = False
    transpose: bool = False
    squeeze: bool = False


class Layout(Protocol):
    """A module of this folder. `style` names the template of what shapes do not tell: a family's id, or the role of a
    text encoder."""

    def module(self, targets: Shapes, style: str) -> str:
        """The class of the module, as `package:name`."""
        ...

    def pieces(self, shapes: Shapes, style: str) -> list[Piece]:
        """What the file's tensors become; those that it does not know are in no piece."""
        ...

    def config(self, targets: Shapes, style: str) -> dict[str, Any]:
        """The settings that make a module with tensors of these names and shapes, which are those of the module.

        Raises KeyError for a tensor without which there is no such network.
        """
        ...


def targets(shapes: Shapes, pieces: Iterable[Piece]) -> dict[str, tuple[int, ...]]:
    """The names and shapes of the module's tensors that the pieces make."""
    return {piece.target: shape_of(piece, shapes[piece.source]) for piece in pieces}


def shape_of(piece: Piece, shape: tuple[int, ...]) -> tuple[int, ...]:
    """The shape that a tensor of the file has as this piece."""
    if piece.rows:
        shape = (piece.rows[1] - piece.rows[0], *shape[1:])
    if piece.transpose:
        shape = shape[::-1]
    return shape[:2] if piece.squeeze else shape
