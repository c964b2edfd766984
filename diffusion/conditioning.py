"""CONDITIONING: joining, mixing and restricting encoded prompts. Pure functions; what comes in is never changed.

A conditioning is a list of entries [embeddings [1 or batch, tokens, width], settings]. Several entries together mean
the average of their predictions, weighted by their `strength`, where they apply (see `diffusion.regions`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import torch

from diffusion.errors import DiffusionError
from diffusion.memory import check_room

if TYPE_CHECKING:
    from torch import Tensor

Conditioning: TypeAlias = list[list[Any]]
MOST_ENTRIES = 1_000
"""The model is asked about each of them at every step. Combining what was combined before doubles them each time."""


def combine(a: Conditioning, b: Conditioning) -> Conditioning:
    """Both: the model predicts for each and the predictions are averaged."""
    if len(a) + len(b) > MOST_ENTRIES:
        raise DiffusionError(
            f"These are {len(a) + len(b):,} prompts; the limit is {MOST_ENTRIES:,}.",
            remedy="Combine fewer: every prompt makes each step slower.",
            input="conditioning_2",
        )
    return [*a, *b]


def average(to: Conditioning, from_: Conditioning, strength: float) -> Conditioning:
    """Mixes embeddings: `strength` 1 gives `to`, 0 gives `from_` (its first entry, cut or padded with zeros to
    fit)."""
    source, settings = _first(from_, "conditioning_from")
    pooled = settings.get("pooled_output")
    mixed: Conditioning = []
    for embeds, own in to:
        _same_width(embeds, source, "conditioning_from")
        other = _fit_tokens(source, embeds.shape[1])
        entry = dict(own)
        if pooled is not None:
            entry["pooled_output"] = own.get("pooled_output", pooled) * strength + pooled * (1.0 - strength)
        mixed.append([embeds * strength + other * (1.0 - strength), entry])
    return mixed


def concat(to: Conditioning, from_: Conditioning) -> Conditioning:
    """Lays the tokens of `from_` (its first entry) behind those of every entry of `to`."""
    source, _ = _first(from_, "conditioning_from")
    joined: Conditioning = []
    for embeds, own in to:
        _same_width(embeds, source, "conditioning_from")
        batch, tokens = max(embeds.shape[0], source.shape[0]), embeds.shape[1] + source.shape[1]
        remedy = "Join fewer prompts: a model looks at the first few hundred words at most."
        room = (len(to), batch, tokens, embeds.shape[2])
        check_room(f"Prompts of {tokens:,} tokens", room, remedy=remedy, input="conditioning_from")
        parts = [part.expand(batch, -1, -1) if part.shape[0] == 1 else part for part in (embeds, source)]
        joined.append([torch.cat(parts, dim=1), dict(own)])
    return joined


def zero_out(conditioning: Conditioning) -> Conditioning:
    """The same entries with nothing in them: embeddings and pooled embeddings are zeros."""
    return [[torch.zeros_like(embeds), _with_zero_pooled(settings)] for embeds, settings in conditioning]


def set_values(conditioning: Conditioning, values: dict[str, Any]) -> Conditioning:
    """Every entry with these settings added."""
    return [[embeds, {**settings, **values}] for embeds, settings in conditioning]


def set_area(
    conditioning: Conditioning, *, width: int, height: int, x: int, y: int, strength: float = 1.0
) -> Conditioning:
    """Restricts to a rectangle of the picture, in pixels of a model with 8 pixels a latent cell."""
    area = (height // 8, width // 8, y // 8, x // 8)
    return set_values(conditioning, {"area": area, "strength": strength, "set_area_to_bounds": False})


def set_area_percentage(
    conditioning: Conditioning, *, width: float, height: float, x: float, y: float, strength: float = 1.0
) -> Conditioning:
    """Restricts to a rectangle given in fractions of the picture's width and height."""
    area = ("percentage", height, width, y, x)
    return set_values(conditioning, {"area": area, "strength": strength, "set_area_to_bounds": False})


def set_strength(conditioning: Conditioning, strength: float) -> Conditioning:
    """The weight of these entries when predictions are averaged."""
    return set_values(conditioning, {"strength": strength})


def set_mask(
    conditioning: Conditioning, mask: Tensor, *, strength: float = 1.0, set_cond_area: str = "default"
) -> Conditioning:
    """Restricts to a mask [batch, height, width]; "mask bounds" also predicts on the mask's bounding box only."""
    mask = mask if mask.ndim > 2 else mask.unsqueeze(0)
    bounds = set_cond_area != "default"
    return set_values(conditioning, {"mask": mask, "mask_strength": strength, "set_area_to_bounds": bounds})


def set_timestep_range(conditioning: Conditioning, start: float, end: float) -> Conditioning:
    """Restricts to a part of the run; 0 is its start (pure noise) and 1 its end (the picture)."""
    return set_values(conditioning, {"start_percent": start, "end_percent": end})


def _first(conditioning: Conditioning, name: str) -> tuple[Tensor, dict[str, Any]]:
    if not conditioning:
        raise DiffusionError("The conditioning is empty.", remedy="Connect an encoded prompt.", input=name)
    return conditioning[0][0], conditioning[0][1]


def _same_width(a: Tensor, b: Tensor, name: str) -> None:
    if a.shape[-1] != b.shape[-1]:
        raise DiffusionError(
            f"The two prompts were encoded by different text encoders ({a.shape[-1]} and {b.shape[-1]} wide).",
            remedy="Encode both with the CLIP of the same checkpoint.",
            input=name,
        )


def _fit_tokens(embeds: Tensor, tokens: int) -> Tensor:
    embeds = embeds[:, :tokens]
    return torch.nn.functional.pad(embeds, (0, 0, 0, tokens - embeds.shape[1]))


def _with_zero_pooled(settings: dict[str, Any]) -> dict[str, Any]:
    pooled = settings.get("pooled_output")
    return dict(settings) if pooled is None else {**settings, "pooled_output": torch.zeros_like(pooled)}
