"""All names that LoRA files have for the layers of a module: its own, those of the original layout, and older ones."""

from __future__ import annotations

from collections import defaultdict
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

from diffusion.layouts.rows import origins
from diffusion.loras.spellings import flat
from diffusion.stored.modules import StoredWeight

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from torch import nn

_WEIGHT = ".weight"
_INNER = "text_model."
_OF_CLIP = {"q_proj": "to_q", "k_proj": "to_k", "v_proj": "to_v", "out_proj": "to_out"}


class Target(NamedTuple):
    """A layer of the module, at `path`, that a layer of a file stands for, as a whole or by some rows.

    `shape` is that of the file's layer, whose rows from `start` to before `end` they are; with `swaps_halves` their
    halves change places.
    """

    path: str
    start: int
    end: int
    shape: tuple[int, ...]
    swaps_halves: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether the two layers are one and the same."""
        return self.end - self.start == self.shape[0] and not self.swaps_halves


Names = dict[str, tuple[Target, ...]]
"""What layers are meant by a name that is written with underscores."""


def names_of(module: nn.Module, layout: str = "") -> Names:
    """The names of a module's layers. `layout` is the module of `diffusion.layouts` that knows the original one; ""
    where there is none."""
    shapes = weight_shapes(module)
    found: Names = {}
    for name, shape in shapes.items():
        path = name.removesuffix(_WEIGHT)
        target = (Target(path, 0, shape[0], shape),)
        for spelling in _spellings(path):
            found.setdefault(flat(spelling), target)
    for name, targets in _original(shapes, layout).items():
        found.setdefault(flat(name), targets)
    return found


def weight_shapes(module: nn.Module) -> dict[str, tuple[int, ...]]:
    """The shapes of a module's weights by name, stored ones among them; scalars and biases are left out."""
    shapes = {
        name: tuple(tensor.shape)
        for name, tensor in module.named_parameters()
        if name.endswith(_WEIGHT) and tensor.ndim
    }
    for path, part in module.named_modules():
        if isinstance(part, StoredWeight):
            shapes[f"{path}{_WEIGHT}"] = part.stored.shape
    return shapes


def _spellings(path: str) -> Iterator[str]:
    """A path as it is, and as older files write it."""
    yield path
    if path.startswith(_INNER):
        yield path.removeprefix(_INNER)
    elif path.startswith(("encoder.layers.", "embeddings.", "final_layer_norm")):
        yield f"{_INNER}{path}"
    head, _, leaf = path.rpartition(".")
    if head.endswith("self_attn") and leaf in _OF_CLIP:
        for inner in (head.removeprefix(_INNER), f"{_INNER}{head.removeprefix(_INNER)}"):
            yield f"{inner}.{_OF_CLIP[leaf]}"
    attention, _, place = path.partition(".to_")
    if place:
        short = place.removesuffix(".0")
        yield f"{attention}.to_{short}"
        yield f"{attention}.processor.to_{short}"


def _original(shapes: Mapping[str, tuple[int, ...]], layout: str) -> Names:
    """The layers by the names of the original layout, which keeps several in one at times."""
    if not layout:
        return {}
    rows = import_module(layout).original(shapes)
    pieces = [piece for piece in origins(rows, shapes) if not piece.transpose]
    heights: dict[str, int] = defaultdict(int)
    for piece in pieces:
        end = piece.rows[1] if piece.rows else shapes[piece.target][0]
        heights[piece.source] = max(heights[piece.source], end)
    found: dict[str, list[Target]] = defaultdict(list)
    for piece in pieces:
        whole = (heights[piece.source], *shapes[piece.target][1:])
        start, end = piece.rows or (0, whole[0])
        target = Target(piece.target.removesuffix(_WEIGHT), start, end, whole, piece.swap_halves)
        found[piece.source.removesuffix(_WEIGHT)].append(target)
    return {name: tuple(targets) for name, targets in found.items()}
