"""Loads what holds a whole painter: a diffusers folder, or one file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from diffusion.loading.devices import device_of
from diffusion.loading.files import checkpoint_of_file
from diffusion.loading.folders import checkpoint_of_folder
from diffusion.loading.refusals import recognised
from diffusion.loading.reports import Reports
from diffusion.weight_files.component_files import refuse_pipes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import torch

    from diffusion.models import Checkpoint


def load_checkpoint(
    path: Path,
    *,
    device: str = "auto",
    dtype: torch.dtype | None = None,
    override: Mapping[str, str] | None = None,
    tokenizers: Sequence[Path] = (),
    on_progress: Callable[[int, int], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
    on_notice: Callable[[str], None] | None = None,
) -> Checkpoint:
    """Loads model, text encoder and VAE of a folder or a file.

    `device` "auto" takes a GPU where there is one. `dtype` is what all parts compute in; None means float32 on a CPU,
    elsewhere half precision for the model and the text encoder and float32 for the VAE. In memory weights stay as they
    are stored. `override` is what a person set against what the file looks like: "kind", "family", "variant".
    `on_progress` is told how many bytes are loaded of how many; `cancelled` is asked between weights;
    `on_notice` is told in a sentence what a person should know of the file.
    `tokenizers` are folders that may hold one for T5, besides those beside the file (`diffusion.tokenizers.finding`).

    A file without a text encoder or a VAE loads; what stands for the part raises DiffusionError when it is used. Raises
    DiffusionError for a path that is no checkpoint, a family that is not known, missing, cut or pickled weights, and
    parts that do not fit each other; Cancelled.
    """
    path = Path(path)
    refuse_pipes(path)
    found = recognised(path, "checkpoint", "ckpt_name", override)
    where, reports = device_of(device), Reports(on_progress, cancelled, on_notice)
    if found.format == "folder":
        return checkpoint_of_folder(path, found, where, dtype, reports)
    return checkpoint_of_file(path, found, where, dtype, reports, tokenizers)
