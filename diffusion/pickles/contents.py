"""The weights in what was unpickled, by name, and what was left out of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import torch

from diffusion.errors import DiffusionError

_WRAPPERS = ("state_dict", "model_state_dict", "params_ema", "params", "model_ema", "module", "model", "generator")
"""Where programs put the weights of a model beside what else they remember, the better ones first."""
_DEEPEST = 8


def weights_in(content: Any) -> tuple[dict[str, torch.Tensor], list[str]]:
    """The tensors to keep, by name, and in words what was dropped. Raises DiffusionError where there are none."""
    dropped: list[str] = []
    content = _unwrapped(content, dropped)
    kept: dict[str, torch.Tensor] = {}
    for name, value in _leaves(content, "", 0):
        if not isinstance(value, torch.Tensor):
            dropped.append(f"{name or 'the content'} ({_kind(value)})")
        elif value.layout != torch.strided or value.is_quantized or value.is_complex():
            dropped.append(f"{name} (a tensor of a kind that safetensors does not know)")
        else:
            kept[name or "weight"] = value.detach()
    if not kept:
        raise DiffusionError(
            "There are no weights in this file.",
            remedy="It may hold an optimizer's state, or settings only; get the model's file.",
        )
    return kept, dropped


def _unwrapped(content: Any, dropped: list[str]) -> Any:
    """The part of what a program remembered that is the model."""
    while isinstance(content, Mapping):
        if "string_to_param" in content:  # a textual inversion
            dropped += [str(name) for name in content if name != "string_to_param"]
            vectors = (
                list(content["string_to_param"].values()) if isinstance(content["string_to_param"], Mapping) else []
            )
            return {"emb_params": vectors[0]} if len(vectors) == 1 else content["string_to_param"]
        inner = next((name for name in _WRAPPERS if _holds_tensors(content.get(name))), None)
        if inner is None or _tensors_directly_in(content):
            return content
        dropped += [f"{name} ({_kind(value)})" for name, value in content.items() if name != inner]
        content = content[inner]
    return content


def _leaves(value: Any, name: str, depth: int) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping) and depth < _DEEPEST:
        for key, inner in value.items():
            yield from _leaves(inner, f"{name}.{key}" if name else str(key), depth + 1)
    else:
        yield name, value


def _holds_tensors(value: Any) -> bool:
    return isinstance(value, Mapping) and any(
        isinstance(inner, torch.Tensor) or _holds_tensors(inner) for inner in value.values()
    )


def _tensors_directly_in(content: Mapping[Any, Any]) -> bool:
    return any(isinstance(value, torch.Tensor) and value.ndim > 1 for value in content.values())


def _kind(value: Any) -> str:
    if isinstance(value, Mapping | list | tuple | set):
        return f"{type(value).__name__} of {len(value):,}"
    return "an object" if type(value).__name__ == "Dropped" else type(value).__name__
