"""What is read of each text encoder, and how a family joins it: one row a family.

| style | embeddings | pooled vector |
|---|---|---|
| sd1 | the last layer of CLIP-L, through the final norm | its own |
| sd2 | the last but one of OpenCLIP-H, through the final norm | its own |
| sdxl | the last but one of CLIP-L and OpenCLIP-G, without the norm, side by side | of G, projected |
| sdxl_refiner | the last but one of OpenCLIP-G, without the norm | projected |
| sd3 | as sdxl, filled with zeros to T5's width, then T5's tokens (77 at least) | of both, projected, side by side |
| flux | T5's tokens (256 at least) | of CLIP-L, not projected |

CLIP-L's vector is projected only where a folder of SD3 has a projection for it; files are read without.

The least lengths are those of the field; diffusers fills up to 256 for SD3 and 512 for Flux instead, and gives the same
with `max_sequence_length` set to ours. SD3 was trained with each encoder left out at times, as zeros; so it is here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, cast

import torch

from diffusion.errors import DiffusionError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from torch import Tensor

    from diffusion.text_models import TextEncoder

_CLIP_TOKENS = 77
_SD3_T5_TOKENS = 77
_FLUX_T5_TOKENS = 256


class Reading(NamedTuple):
    """What an encoder says: `embeds` [1, tokens, width], and the pooled vector [1, width] where it has one."""

    embeds: Tensor
    pooled: Tensor | None


class ClipReading(NamedTuple):
    """How a CLIP is read: the layer (-1 the last), whether through the final norm, and whether its pooled vector goes
    through the projection, where the encoder has one."""

    layer: int
    norm: bool
    projects: bool


@dataclass(frozen=True)
class Style:
    """How a family reads prompts: `join` makes embeddings and pooled vector of the readings by role."""

    join: Callable[[Mapping[str, Reading], TextEncoder], tuple[Tensor, Tensor]]
    clips: Mapping[str, ClipReading] = field(default_factory=dict)
    least_t5_tokens: int = 0


def weighted(embeds: Tensor, empty: Tensor, weights: Tensor) -> Tensor:
    """Embeddings [windows, tokens, width] moved away from those of the empty prompt [1, tokens, width] by weights
    [windows, tokens]."""
    weight = weights[..., None]
    return torch.where(weight == 1.0, embeds, (embeds - empty) * weight + empty)


def _only(read: Mapping[str, Reading], clip: TextEncoder) -> tuple[Tensor, Tensor]:
    (reading,) = (_needed(read, role) for role in clip.parts)
    return reading.embeds, _pooled(reading)


def _side_by_side(read: Mapping[str, Reading], _: TextEncoder) -> tuple[Tensor, Tensor]:
    small, large = _needed(read, "clip_l"), _needed(read, "clip_g")
    return torch.cat([small.embeds, large.embeds], dim=-1), _pooled(large)


def _one_after_the_other(read: Mapping[str, Reading], clip: TextEncoder) -> tuple[Tensor, Tensor]:
    tokens = next((read[role].embeds.shape[1] for role in ("clip_l", "clip_g") if role in read), _CLIP_TOKENS)
    width = _width(clip, "t5xxl")
    sides, pooled = [], []
    for role in ("clip_l", "clip_g"):
        side = _width(clip, role)
        reading = read.get(role, Reading(torch.zeros(1, tokens, side), torch.zeros(1, side)))
        sides.append(reading.embeds)
        pooled.append(_pooled(reading))
    beside = torch.cat(sides, dim=-1)
    beside = torch.nn.functional.pad(beside, (0, max(0, width - beside.shape[-1])))
    behind = read["t5xxl"].embeds if "t5xxl" in read else torch.zeros(1, _SD3_T5_TOKENS, width)
    if behind.shape[-1] != beside.shape[-1]:
        raise DiffusionError(
            f"This T5 gives embeddings of width {width}; Stable Diffusion 3 expects at least {beside.shape[-1]}, "
            "the width of its two CLIPs side by side.",
            remedy="Load the T5 that belongs to Stable Diffusion 3, t5xxl, or leave T5 out.",
            input="clip",
        )
    return torch.cat([beside, behind], dim=1), torch.cat(pooled, dim=-1)


def _sequence_and_vector(read: Mapping[str, Reading], _: TextEncoder) -> tuple[Tensor, Tensor]:
    return _needed(read, "t5xxl").embeds, _pooled(_needed(read, "clip_l"))


def _width(clip: TextEncoder, role: str) -> int:
    return int(clip.parts[role].module.config.hidden_size) if role in clip.parts else clip.widths[role]


def _needed(read: Mapping[str, Reading], role: str) -> Reading:
    if role not in read:
        raise DiffusionError(
            f"There is no text for the text encoder {role}.",
            remedy="Use the prompt node that is made for the family of this text encoder, or Prompt (CLIPTextEncode).",
            input="clip",
        )
    return read[role]


def _pooled(reading: Reading) -> Tensor:
    return cast("Tensor", reading.pooled)  # every CLIP gives one


_PENULTIMATE = ClipReading(layer=-2, norm=False, projects=True)
_BOTH = {"clip_l": _PENULTIMATE, "clip_g": _PENULTIMATE}
STYLES = {
    "sd1": Style(_only, {"clip_l": ClipReading(layer=-1, norm=True, projects=False)}),
    "sd2": Style(_only, {"clip_h": ClipReading(layer=-2, norm=True, projects=False)}),
    "sdxl": Style(_side_by_side, _BOTH),
    "sdxl_refiner": Style(_only, {"clip_g": _PENULTIMATE}),
    "sd3": Style(_one_after_the_other, _BOTH, _SD3_T5_TOKENS),
    "flux": Style(_sequence_and_vector, {"clip_l": ClipReading(layer=-1, norm=True, projects=False)}, _FLUX_T5_TOKENS),
}
"""By the id of the family."""
