"""The shapes of a file's tensors as they count for a model: of values that are packed in bytes, the unpacked shape."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from diffusion.weight_files.header import Header

_SECOND_SCALE = ".weight_scale_2"  # of nvfp4, whose weights are two to a byte


def logical_shapes(header: Header) -> dict[str, tuple[int, ...]]:
    """All tensors of a header by name, each with the shape that it has once it is unpacked."""
    tensors = header.tensors.values()
    shapes = dict(zip(header.tensors, map(itemgetter(1), tensors), strict=True))
    if "U8" not in map(itemgetter(0), tensors):
        return shapes
    for name in [name for name in shapes if name.endswith(_SECOND_SCALE)]:
        weight = f"{name.removesuffix(_SECOND_SCALE)}.weight"
        tensor = header.tensors.get(weight)
        if tensor is not None and tensor.dtype == "U8" and len(tensor.shape) == 2:
            shapes[weight] = (tensor.shape[0], tensor.shape[1] * 2)
    return shapes
