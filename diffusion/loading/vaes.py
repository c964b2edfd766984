"""Loads a VAE alone: from a file of its own, from a checkpoint, or from its folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from diffusion import borrowed_previews
from diffusion.errors import DiffusionError
from diffusion.families.table import FAMILIES
from diffusion.layouts.leftovers import beside
from diffusion.loading.assembly import assemble
from diffusion.loading.devices import VAE_TYPE, device_of
from diffusion.loading.files import vae_part
from diffusion.loading.folder_index import FAMILY, VAES, class_of, index_of, is_checkpoint
from diffusion.loading.folders import component
from diffusion.loading.handles import vae_handle
from diffusion.loading.refusals import recognised
from diffusion.loading.reports import Reports
from diffusion.loading.sources import read_file
from diffusion.model_files.prefixes import split
from diffusion.weight_files.component_files import read_json, refuse_pipes
from diffusion.weight_files.names import short

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import torch

    from diffusion.families.latent_format import LatentFormat
    from diffusion.model_files.model_file import ModelFile
    from diffusion.models import Vae

_SCALES_AS = {4: "sd1", 16: "flux"}
"""Channels of a VAE's latents -> the family by whose numbers its latents are scaled where it comes alone. A model
scales by its own family's: the numbers are in no file, and SD and SDXL, Flux and SD3 have the same network."""


def load_vae(
    path: Path,
    *,
    device: str = "auto",
    dtype: torch.dtype | None = None,
    override: Mapping[str, str] | None = None,
    on_progress: Callable[[int, int], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
    on_notice: Callable[[str], None] | None = None,
) -> Vae:
    """Loads the VAE of a file, of its own folder or of a checkpoint; settings and errors as of `load_checkpoint`."""
    path = Path(path)
    refuse_pipes(path)
    wide, where, reports = dtype or VAE_TYPE, device_of(device), Reports(on_progress, cancelled, on_notice)
    if path.is_dir():
        folder, name = _folder(path)
        (module,) = assemble([component(folder, "diffusers", name).part(wide)], where, reports)
        return _lent(vae_handle(module, where, wide))
    found = recognised(path, "vae", "vae_name", override)
    source = read_file(path)
    parts = split(source.shapes)
    prefix = parts["vae"].prefix if "vae" in parts else ""
    part = vae_part(source, prefix, wide)
    if found.kind == "vae":
        reports.unread(short(path), beside(source.weights, [prefix]))
    (module,) = assemble([part], where, reports)
    return _lent(vae_handle(module, where, wide, _scale(found, int(module.config["latent_channels"]))))


def _lent(vae: Vae) -> Vae:
    borrowed_previews.lend(vae)
    return vae


def _scale(found: ModelFile, channels: int) -> LatentFormat:
    return FAMILIES[found.family if found.family in FAMILIES else _SCALES_AS[channels]].latent_format


def _folder(path: Path) -> tuple[Path, str]:
    """The folder of the VAE and its class."""
    if is_checkpoint(path):
        return path / "vae", class_of(path, index_of(path), "vae", VAES)
    if not (path / "config.json").is_file():
        raise DiffusionError(
            f"{short(path)} is no VAE folder: it has neither a config.json nor a model_index.json.",
            remedy="Point to the vae folder of a diffusers checkpoint, or to the checkpoint's folder.",
            input="vae_name",
        )
    name = str(read_json(path / "config.json").get("_class_name", "AutoencoderKL"))
    if name not in VAES:
        raise DiffusionError(
            f"{short(path)} holds a {name}; known VAEs are {', '.join(VAES)}.", remedy=FAMILY, input="vae_name"
        )
    return path, name
