"""Loads a denoiser alone: from a file of its own, from a checkpoint, or from a component's folder."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from diffusion.errors import DiffusionError
from diffusion.families.table import FAMILIES
from diffusion.layouts.leftovers import beside
from diffusion.loading.assembly import assemble
from diffusion.loading.devices import device_of, type_of
from diffusion.loading.files import denoiser_handle, denoiser_part, denoiser_prefix
from diffusion.loading.folders import denoiser_of_folder
from diffusion.loading.refusals import recognised
from diffusion.loading.reports import Reports
from diffusion.loading.sources import read_file
from diffusion.stored.narrowing import FP8
from diffusion.weight_files.component_files import refuse_pipes
from diffusion.weight_files.names import short

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import torch

    from diffusion.models import DiffusionModel


def load_denoiser(
    path: Path,
    *,
    device: str = "auto",
    dtype: torch.dtype | None = None,
    weights: str = "default",
    override: Mapping[str, str] | None = None,
    on_progress: Callable[[int, int], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
    on_notice: Callable[[str], None] | None = None,
) -> DiffusionModel:
    """Loads the denoiser of a file or folder; settings and errors as of `load_checkpoint`.

    `weights` says how matrices are held in memory: "default" as they are stored, or by the field's names of fp8 (`FP8`
    of `diffusion.stored.narrowing`), which leaves alone what is stored in eight bits or fewer.

    It paints latents as its family does. Its previews are those of the VAE that is loaded beside it.
    """
    path = Path(path)
    refuse_pipes(path)
    found = recognised(path, "denoiser", "unet_name", override)
    if weights != "default" and weights not in FP8:
        raise DiffusionError(
            f"There is no way {weights!r} of holding weights.",
            remedy=f"Choose one of default, {', '.join(FP8)}.",
            input="weight_dtype",
        )
    narrow_to = FP8.get(weights)
    where, reports = device_of(device), Reports(on_progress, cancelled, on_notice)
    if found.format == "folder":
        return denoiser_of_folder(path, found, where, dtype, reports, narrow_to)
    source = read_file(path)
    family = FAMILIES[found.family]
    half = dtype or type_of(where, family.id)
    prefix = denoiser_prefix(source)
    part = replace(denoiser_part(source, prefix, family, half), narrow_to=narrow_to)
    if found.kind == "denoiser":
        reports.unread(short(path), beside(source.weights, [prefix]))
    (module,) = assemble([part], where, reports)
    return denoiser_handle(module, found, where, half)
