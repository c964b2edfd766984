"""What files put in front of the names of tensors: to tell the parts of an all-in-one file apart, and to strip it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from diffusion.families.family import Shapes

PARTS = (
    ("model.diffusion_model.", "denoiser"),
    ("first_stage_model.", "vae"),
    ("vae.", "vae"),
    ("cond_stage_model.transformer.", "clip_l"),
    ("cond_stage_model.model.", "clip_h"),
    ("conditioner.embedders.0.transformer.", "clip_l"),
    ("conditioner.embedders.0.model.", "clip_g"),
    ("conditioner.embedders.1.model.", "clip_g"),
    ("text_encoders.clip_l.transformer.", "clip_l"),
    ("text_encoders.clip_g.transformer.", "clip_g"),
    ("text_encoders.t5xxl.transformer.", "t5xxl"),
    ("control_model.", "controlnet"),
)
"""What stands in front of a part's tensors in an all-in-one file, and the part's role."""

DENOISER_PREFIXES = (
    "model.diffusion_model.",
    "model.model.",
    "diffusion_model.",
    "transformer.",
    "unet.",
    "model.",
    "net.",
)
"""What may stand in front of a denoiser's tensors when it is alone; the longer ones first."""

MARKS = ("v_pred", "ztsnr", "edm_mean", "edm_std", "edm_vpred.sigma_max")
"""Tensors beside the parts of an all-in-one file that say something of its denoiser."""

_TEXT_ENCODERS = "text_encoders."


@dataclass(frozen=True)
class Part:
    """One part of a file: the `prefix` of its tensors there, and their shapes by name without it."""

    prefix: str
    shapes: dict[str, tuple[int, ...]] = field(repr=False)


def split(shapes: Shapes) -> dict[str, Part]:
    """The parts of an all-in-one file by role; other tensors (of training, of schedules) are left out.

    Empty when no name begins as those of all-in-one files do.
    """
    prefixes = dict(PARTS)
    heads = {prefix.partition(".")[0] for prefix in prefixes}
    if heads.isdisjoint({name.partition(".")[0] for name in shapes}):
        return {}
    found: dict[str, Part] = {}
    last, last_part = "", None  # names stand together in files: the one before mostly has the same prefix
    for name, shape in shapes.items():
        if last and name.startswith(last):
            last_part[name[len(last) :]] = shape  # type: ignore[index]
            continue
        if name.partition(".")[0] not in heads:
            continue
        prefix = next((prefix for prefix in prefixes if name.startswith(prefix)), None)
        role = prefixes.get(prefix or "")
        if prefix is None and name.startswith(_TEXT_ENCODERS):  # those of families that came later
            role = name.split(".")[1]
            prefix = f"{_TEXT_ENCODERS}{role}.transformer."
            if not name.startswith(prefix):
                continue
        if prefix is None or role is None:
            continue
        part = found.setdefault(role, Part(prefix, {}))
        if part.prefix == prefix:
            part.shapes[name[len(prefix) :]] = shape
            last, last_part = prefix, part.shapes
    if "denoiser" in found:
        found["denoiser"].shapes.update({mark: shapes[mark] for mark in MARKS if mark in shapes})
    return found


def strip(shapes: Mapping[str, tuple[int, ...]]) -> Part:
    """A file that is one denoiser, without what stands in front of all of its names but a few marks."""
    names = [name for name in shapes if name not in MARKS]
    for prefix in DENOISER_PREFIXES:
        if names and all(name.startswith(prefix) for name in names):
            return Part(prefix, {name.removeprefix(prefix): shape for name, shape in shapes.items()})
    return Part("", dict(shapes))
