"""Values of scripts as nodes receive them: pictures of Pillow, arrays of numpy and tensors for pictures and masks.

A tensor that comes back belongs to the engine: it is plain, on the CPU, and shares no memory with what was given.
"""

from __future__ import annotations

from typing import Any

from graph.api import Input, NodeError
from nodes.types import IMAGE, LATENT, MASK

_BYTES = 255.0


def to_value(item: Input, value: object) -> object:
    """Return a value for an input; what is no picture, array or tensor stays as it is.

    IMAGE: a picture of Pillow; [H, W], [H, W, C] or [B, H, W, C] of bytes, or of floats in 0..1. MASK: a picture (white
    is masked); [H, W] or [B, H, W], of truth values, too. LATENT: a tensor [B, C, h, w] stands for its samples. Lists
    of such, where the input collects. Raises NodeError for floats outside of 0..1 and numbers that are not finite.
    """
    names = item.type.names
    if isinstance(value, list | tuple) and item.collects:
        return [_one(names, item.name, each) for each in value]
    return _one(names, item.name, value)


def own_copy(value: Any) -> Any:
    """Return a value with copies of the arrays in it, also inside of dicts, lists and tuples; models stay shared.

    What a node gave is kept by the cache for later runs, so a script must not change it in place.
    """
    if isinstance(value, dict):
        return {key: own_copy(part) for key, part in value.items()}
    if isinstance(value, list):
        return [own_copy(part) for part in value]
    if isinstance(value, tuple):
        parts = [own_copy(part) for part in value]
        return type(value)(*parts) if hasattr(value, "_fields") else tuple(parts)
    if not _is_array(value):
        return value
    import torch

    if not isinstance(value, torch.Tensor):
        return value.copy()
    with torch.inference_mode(mode=False):
        return value.detach().clone()


def _one(names: tuple[str, ...], name: str, value: Any) -> object:
    if isinstance(value, dict):
        return {key: _tensor(part) if _is_array(part) else part for key, part in value.items()}
    if _is_pillow(value):
        value = _from_pillow(value, is_mask=MASK.name in names and IMAGE.name not in names)
    elif not _is_array(value):
        return value
    tensor = _tensor(value)
    if IMAGE.name in names:
        return _checked(
            tensor[None, ..., None] if tensor.ndim == 2 else tensor[None] if tensor.ndim == 3 else tensor, name
        )
    if MASK.name in names:
        return _checked(tensor[None] if tensor.ndim == 2 else tensor, name)
    if LATENT.name in names:
        return {"samples": tensor.float()}
    return tensor


def _checked(tensor: Any, name: str) -> Any:
    bits = not tensor.is_floating_point() and str(tensor.dtype) != "torch.bool"
    tensor = tensor.float() / _BYTES if bits else tensor.float()
    low, high = (float(tensor.min()), float(tensor.max())) if tensor.numel() else (0.0, 0.0)
    if not (low >= 0 and high <= 1):  # NaN is neither
        message = f"the values of a picture or mask are from 0 to 1, and these from {low:.3g} to {high:.3g}"
        raise NodeError(message, input=name, remedy="scale or clamp them first; bytes are taken as they are")
    return tensor


def _is_pillow(value: object) -> bool:
    return any(kind.__module__ == "PIL.Image" for kind in type(value).__mro__)


def _is_array(value: object) -> bool:
    top = {kind.__module__.partition(".")[0] for kind in type(value).__mro__}
    return bool({"torch", "numpy"} & top) and hasattr(value, "dtype") and getattr(value, "ndim", 0) > 0


def _from_pillow(picture: Any, *, is_mask: bool) -> Any:
    import numpy as np

    if is_mask:
        return np.asarray(picture.convert("L"))
    has_alpha = "A" in picture.getbands() or "transparency" in picture.info
    return np.asarray(picture.convert("RGBA" if has_alpha else "RGB"))


def _tensor(value: Any) -> Any:
    import torch

    tensor = value.detach() if isinstance(value, torch.Tensor) else torch.from_numpy(value.copy())
    with torch.inference_mode(mode=False):
        return tensor.to("cpu", copy=True, memory_format=torch.contiguous_format).as_subclass(torch.Tensor)
